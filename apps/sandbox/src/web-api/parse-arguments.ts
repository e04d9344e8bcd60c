import { isJson, type Json } from "../workspace/json.ts";

/** Arguments that forms carry as JSON text. */
const STRUCTURED = new Set(["blocks", "attachments", "metadata", "view", "unfurls"]);

/**
 * The arguments of a call, from a form or a JSON body. Text that should be JSON and is not stays text, so that the method
 * answers as it would to any value of the wrong shape; a body that is no JSON object at all gives undefined.
 */
export function parseArguments(contentType: string, body: string): Json | undefined {
  if (contentType.startsWith("application/json")) {
    const parsed = body === "" ? {} : parseJson(body);
    return isJson(parsed) ? parsed : undefined;
  }
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [
      name,
      STRUCTURED.has(name) ? (parseJson(value) ?? value) : value,
    ]),
  );
}

/** The value of a JSON text; undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
