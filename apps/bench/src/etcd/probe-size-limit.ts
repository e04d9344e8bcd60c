import { benchValue } from "./bench-value.ts";
import { etcd3Client } from "./etcd3-client.ts";

/**
 * What becomes of plain etcd3 when it reads a prefix that may be larger than it takes, in words, and of the call after that. The client is one of
 * its own: where the read fails, etcd3 lets nobody through for five seconds.
 */
export async function probeSizeLimit(endpoints: readonly string[], prefix: string): Promise<string> {
  await using client = etcd3Client(endpoints);
  const read = await wordsFor(async () => `reads all ${(await client.readAll(prefix))()} keys`);
  const put = await wordsFor(async () => {
    await client.put({ path: "after", value: benchValue(0) });
    return "works";
  });
  return `${read}; a put right after that ${put}`;
}

async function wordsFor(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    return `fails: ${error instanceof Error ? error.message : String(error)}`;
  }
}
