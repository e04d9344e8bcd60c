import { CodedError } from "@quarterdeck/model";
import { faultOfSegment } from "./segment.ts";

const MAX_BYTES = 1024;
/** What nearly all paths are like; what is not is looked at closely. */
const PLAIN = /^(?:[\w@:-][\w.@:-]{0,99}\/)*[\w@:-][\w.@:-]{0,99}$/;

/**
 * Refuses what could leave its segment or deceive a reader: empty or dotted segments, control characters, broken Unicode, over-long keys.
 * @throws {CodedError} ETCD_INVALID_KEY
 */
export function checkPath(path: string): string {
  const fault = faultOf(path);
  if (fault === null) return path;
  throw new CodedError("ETCD_INVALID_KEY", { message: `${JSON.stringify(path.slice(0, 200))} is not a key: ${fault}` });
}

function faultOf(path: string): string | null {
  if (path.length <= MAX_BYTES && PLAIN.test(path)) return null;
  if (Buffer.byteLength(path) > MAX_BYTES) return `it is longer than ${MAX_BYTES} bytes`;
  for (const segment of path.split("/")) {
    const fault = faultOfSegment(segment);
    if (fault !== null) return fault;
  }
  return null;
}
