import { CodedError } from "@quarterdeck/model";

/** etcd refuses a request of more than 1.5 MiB; what is longer need not be read to its end. */
const MOST_BYTES = 1_572_864;

/**
 * All of the standard input.
 * @throws {CodedError} USAGE when it is longer than etcd takes
 */
export async function readInput(input: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const iterator = input[Symbol.asyncIterator]();
  try {
    signal.throwIfAborted();
    for (;;) {
      // Somebody who types may take for ever.
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done === true) return Buffer.concat(chunks);
      size += next.value.length;
      if (size > MOST_BYTES)
        throw new CodedError("USAGE", {
          message: `the standard input is longer than etcd takes in one value (1.5 MiB)`,
          try: "split it over several keys",
        });
      chunks.push(next.value);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
