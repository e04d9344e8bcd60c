import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  appendAudit,
  AUDIT_TAIL,
  connectEtcd,
  createAuditSigner,
  readAuditExport,
  verifyAuditLog,
} from "@quarterdeck/etcd";
import { findEtcd, HOW_TO_GET_ETCD, startSecureEtcd } from "@quarterdeck/etcd/testing";
import type { Timestamp } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { expect, test } from "vitest";
import { runFleet } from "./main.ts";
import { fakeTerminal } from "./testing/fake-terminal.ts";

const signal = AbortSignal.timeout(60_000);

test.skipIf(findEtcd() === null)(
  `fleet audit lists, verifies with the CA of its context, and exports (${HOW_TO_GET_ETCD})`,
  { timeout: 60_000 },
  async () => {
    const home = await mkdtemp(join(tmpdir(), "fleet-audit-"));
    const secure = await startSecureEtcd();
    await using server = secure.server;
    const engine = await secure.issue(profiles.engine());
    const signer = createAuditSigner(engine);
    await using etcd = await connectEtcd({ endpoints: [server.url], tls: engine, prefix: "/quarterdeck/" }, signal);
    const act = async (subject: string): Promise<void> => {
      const view = await etcd.snapshot(AUDIT_TAIL, signal);
      const at = new Date().toISOString() as Timestamp;
      const facts = { at, actor: null, request: null, act: "machine-lost", subjects: [subject], outcome: "applied" };
      await etcd.transact(appendAudit(view, facts, signer), signal);
    };
    await act("m1");
    await act("m2");

    const files = await secure.issue(profiles.operator("test"));
    const paths = { ca: join(home, "ca.pem"), cert: join(home, "c.pem"), key: join(home, "k.pem") };
    for (const part of ["ca", "cert", "key"] as const) await writeFile(paths[part], files[part], { mode: 0o600 });
    await mkdir(join(home, "contexts"));
    const whole = {
      name: "local",
      endpoints: [server.url],
      prefix: "/quarterdeck/",
      ...paths,
      user: "operator:test",
      transport: "direct",
    };
    await writeFile(join(home, "contexts", "local.json"), JSON.stringify(whole));
    const fleet = async (...argv: readonly string[]) => {
      const terminal = fakeTerminal({ environment: { QUARTERDECK_HOME: home }, workingDirectory: home });
      return {
        exitCode: await runFleet(["audit", ...argv], terminal, signal),
        out: terminal.out(),
        err: terminal.err(),
      };
    };

    const listed = (await fleet()).out;
    expect(listed).toMatch(
      /^TIME +ACTOR +ACT +SUBJECTS +OUTCOME\n\S+Z +engine +machine-lost +m1 +applied\n\S+Z .* m2 /,
    );
    const head = /2:[0-9a-f]{64}/.exec((await fleet("--verify")).out)?.[0] ?? "";
    await act("m3");
    expect(await fleet("--kept", head)).toMatchObject({ exitCode: 0, err: "" });
    const exported = (await fleet("--export")).out.split("\n");
    const log = await readAuditExport(exported);
    expect(await verifyAuditLog(log, { ca: await readFile(paths.ca, "utf8") }, signal)).toMatchObject({ entries: 3 });

    await etcd.transact({ when: [], then: [{ kind: "delete", path: "audit/000000000002" }] }, signal);
    expect(await fleet("--verify")).toEqual({
      exitCode: 1,
      out: "",
      err: expect.stringMatching(
        /^error\[AUDIT_UNSOUND\]: the audit log is not sound: entry 2 is missing\nwhy: removed, at entry 2\ntry: /,
      ),
    });
    await rm(home, { recursive: true });
  },
);
