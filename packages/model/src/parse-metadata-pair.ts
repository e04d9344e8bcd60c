import { metadataKeySchema, metadataValueSchema } from "./machine.ts";
import { refuse, succeed, type Result } from "./result.ts";

/** `key=value`, by the rules of `[X-Fleet] MachineMetadata=`; the value may be empty, which takes the key away. Refuses with USAGE. */
export function parseMetadataPair(text: string): Result<readonly [key: string, value: string]> {
  const at = text.indexOf("=");
  if (at < 0) return wrong(text, "is not key=value", { why: "key and value are joined by =", try: "role=worker" });
  const [key, value] = [text.slice(0, at), text.slice(at + 1)];
  if (!metadataKeySchema.safeParse(key).success)
    return wrong(text, `has the key ${JSON.stringify(key)}`, {
      why: "a key is 1 to 64 of a-z A-Z 0-9 _ . -, and not __proto__",
      try: "role=worker",
    });
  if (!metadataValueSchema.safeParse(value).success)
    return wrong(text, `has the value ${JSON.stringify(value)}`, {
      why: "a value is at most 128 of a-z A-Z 0-9 _ . : / -",
      try: `${key}=worker`,
    });
  return succeed([key, value]);
}

function wrong(
  text: string,
  what: string,
  rule: { readonly why: string; readonly try: string },
): ReturnType<typeof parseMetadataPair> {
  return refuse({ code: "USAGE", message: `metadata ${JSON.stringify(text)} ${what}`, ...rule });
}
