import { describe, expect, test } from "vitest";
import { connectEtcd } from "../connection/connect-etcd.ts";
import { startEtcd } from "../testing/etcd-server.ts";
import { etcdctl } from "../testing/etcdctl.ts";
import { findEtcd, findEtcds, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const signal = AbortSignal.timeout(60_000);

describe.skipIf(findEtcd() === null)(`whether access is controlled (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
  test.each(findEtcds())("is told by etcd $version to whoever asks", async ({ directory }) => {
    await using server = await startEtcd({ binaries: directory });
    await using client = await connectEtcd({ endpoints: [server.url], tls: null, prefix: "/quarterdeck/" }, signal);
    expect(await client.isAccessControlled(signal)).toBe(false);
    await etcdctl(server, "user", "add", "root:secret");
    await etcdctl(server, "user", "grant-role", "root", "root");
    await etcdctl(server, "auth", "enable");
    expect(await client.isAccessControlled(signal)).toBe(true);
    await expect(client.raw.get("/key", signal)).rejects.toMatchObject({ code: "ETCD_FORBIDDEN" });
  });
});
