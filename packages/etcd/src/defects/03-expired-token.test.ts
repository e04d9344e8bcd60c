import type { MachineId } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { Range } from "etcd3";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { applyRoles } from "../access/apply-roles.ts";
import { connectEtcd } from "../connection/connect-etcd.ts";
import type { Key } from "../keyspace/key.ts";
import { bareClient } from "../testing/bare-client.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";
import { outcomeWithin } from "../testing/outcome-within.ts";
import { startSecureEtcd } from "../testing/secure-etcd.ts";
import { put } from "../transaction/operation.ts";

const signal = AbortSignal.timeout(60_000);
const machine = "a".repeat(32) as MachineId;
const prefix = "/quarterdeck/";
const own: Key<string> = { path: `agents/${machine}/note`, schema: z.string() };
const person = { username: "person", password: "secret" };

describe.skipIf(findEtcd() === null)(`defect 3: a token that is over (${HOW_TO_GET_ETCD})`, { timeout: 40_000 }, () => {
  test("etcd3 reads on with a new token and can never watch again; ours has a certificate and no token", async () => {
    const etcd = await startSecureEtcd();
    await using server = etcd.server;
    const root = { endpoints: [server.url], tls: await etcd.issue(profiles.root()) };
    const certificate = await etcd.issue(profiles.machine(machine, { ips: ["127.0.0.1"] }));
    await applyRoles(root, { machines: [machine], operators: [], prefix }, signal);
    using stack = new DisposableStack();
    const asRoot = stack.adopt(bareClient(server.url, root.tls), (etcd3) => etcd3.close());
    const role = await asRoot.role("person").create();
    await role.grant({ permission: "Readwrite", range: Range.prefix("/theirs/") });
    await (await asRoot.user(person.username).create(person.password)).addRole("person");
    const endTokens = (name: string) => asRoot.auth.userChangePassword({ name, password: person.password });

    // Where etcd3 asks for its token it forgets the server name that it was given, and Node refuses an IP address in its place.
    const url = server.url.replace("127.0.0.1", "localhost");
    const bare = stack.adopt(bareClient(url, certificate, person), (etcd3) => etcd3.close());
    const watch = () => bare.watch().prefix("/theirs/").create();
    expect(await outcomeWithin(watch(), 5_000)).toBe("done");
    await using client = await connectEtcd({ endpoints: [server.url], tls: certificate, prefix }, signal);
    await using standing = await client.mirror([`agents/${machine}/`], signal);

    // Tokens end by themselves after five minutes; a new password ends them now, be it the same as before.
    for (const name of [person.username, `machine:${machine}`]) await endTokens(name);
    expect(await outcomeWithin(watch(), 1_500)).not.toBe("done");
    await bare.put("/theirs/key").value("written with a new token");
    expect(await outcomeWithin(watch(), 1_500)).toBe("hangs");

    await using late = await client.mirror([own.path], signal);
    await client.transact({ when: [], then: [put(own, "1")] }, signal);
    for (const mirror of [standing, late])
      for await (const _ of mirror.changes(signal)) if (mirror.get(own)?.value === "1") break;
  });
});
