import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEtcd, HOW_TO_GET_ETCD } from "@quarterdeck/etcd/testing";
import { expect, test } from "vitest";
import { measureCommitted } from "./measure-committed.ts";

test.skipIf(findEtcd() === null)(
  `every unit gets one entry, 32 a transaction, and only its machine's watcher hears of it (${HOW_TO_GET_ETCD})`,
  { timeout: 60_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "quarterdeck-committed-"));
    try {
      const size = { machines: 5, units: 80, members: 1 };
      expect(await measureCommitted(size, directory, AbortSignal.timeout(50_000))).toMatchObject({
        ...size,
        transactions: 3,
        seen: 80,
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
);
