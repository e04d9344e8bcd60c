import { CodedError } from "@quarterdeck/model";
import type { z } from "zod";

/** The longest unit name. */
const MAX_BYTES = 256;

/** An open segment of a key: what it is called, and how its value is written into the key and read out of it. */
export type Segment<Id, Name extends string> = {
  readonly name: Name;
  readonly write: (id: Id) => string;
  /** Null for what `write` would never write. */
  readonly read: (text: string) => Id | null;
};

/** A name that is written as it is. */
export function nameSegment<Id extends string, Name extends string>(
  name: Name,
  schema: z.ZodType<Id>,
): Segment<Id, Name> {
  return {
    name,
    write: checkSegment,
    read: (text) => {
      const parsed = schema.safeParse(text);
      return parsed.success && faultOfSegment(text) === null ? parsed.data : null;
    },
  };
}

/** A number that is not negative, padded with zeros, so that etcd's byte order is the order of the numbers. */
export function numberSegment<Name extends string>(name: Name, digits: number): Segment<number, Name> {
  const most = 10 ** digits - 1;
  return {
    name,
    write: (id) => {
      if (Number.isInteger(id) && id >= 0 && id <= most) return String(id).padStart(digits, "0");
      throw new CodedError("ETCD_INVALID_KEY", {
        message: `${id} is not a ${name}: it is no integer from 0 to ${most}`,
      });
    },
    read: (text) => (text.length === digits && /^[0-9]+$/.test(text) ? Number(text) : null),
  };
}

/**
 * Refuses what could leave its segment or deceive a reader.
 * @throws {CodedError} ETCD_INVALID_KEY
 */
export function checkSegment(text: string): string {
  const fault = faultOfSegment(text);
  if (fault === null) return text;
  throw new CodedError("ETCD_INVALID_KEY", {
    message: `${JSON.stringify(text.slice(0, 200))} cannot be part of a key: ${fault}`,
  });
}

/** What is wrong with the text between two slashes; null when nothing is. */
export function faultOfSegment(text: string): string | null {
  if (text === "") return "a segment is empty";
  if (text === "." || text === "..") return "a segment is a dot path";
  if (text.includes("/")) return "it has a slash";
  if (!text.isWellFormed()) return "it has half of a surrogate pair";
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return "it has a control character";
  return Buffer.byteLength(text) > MAX_BYTES ? `a segment is longer than ${MAX_BYTES} bytes` : null;
}
