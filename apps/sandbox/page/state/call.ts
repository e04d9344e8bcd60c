/** A refusal of the sandbox, in words to show. */
class CallRefused extends Error {
  override readonly name = "CallRefused";
}

/** Reads JSON from the sandbox. @throws {CallRefused} with its message. */
export async function read<Reply>(path: string): Promise<Reply> {
  return answer<Reply>(await fetch(path));
}

/** Posts JSON to the sandbox. @throws {CallRefused} with its message. */
export async function send<Reply>(path: string, body: unknown = {}): Promise<Reply> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return answer<Reply>(await fetch(path, init));
}

async function answer<Reply>(response: Response): Promise<Reply> {
  const text = await response.text();
  if (response.ok) return (text === "" ? {} : JSON.parse(text)) as Reply;
  throw new CallRefused(refusal(text) ?? `the sandbox answered ${response.status}`);
}

/** The words of a refusal: the sandbox says `error`, the lab behind it `problem`. */
function refusal(text: string): string | undefined {
  try {
    const { error, problem } = JSON.parse(text) as Readonly<
      Record<"error" | "problem", { readonly message?: string } | undefined>
    >;
    return (error ?? problem)?.message;
  } catch (error) {
    if (error instanceof SyntaxError) return text.slice(0, 200) || undefined;
    throw error;
  }
}
