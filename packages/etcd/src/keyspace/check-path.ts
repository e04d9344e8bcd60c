import { CodedError } from "@quarterdeck/model";

const MAX_BYTES = 1024;

/**
 * Refuses what could leave its segment or confuse a reader: empty or dotted segments, control characters, over-long keys.
 * @throws {CodedError} ETCD_INVALID_KEY
 */
export function checkPath(path: string): string {
  const fault = faultOf(path);
  if (fault === null) return path;
  throw new CodedError("ETCD_INVALID_KEY", { message: `${JSON.stringify(path.slice(0, 200))} is not a key: ${fault}` });
}

function faultOf(path: string): string | null {
  if (Buffer.byteLength(path) > MAX_BYTES) return `it is longer than ${MAX_BYTES} bytes`;
  // eslint-disable-next-line no-control-regex -- control characters are what is being looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return "it has a control character";
  const segments = path.split("/");
  if (segments.includes("")) return "a segment is empty";
  if (segments.includes("..") || segments.includes(".")) return "a segment is a dot path";
  return null;
}
