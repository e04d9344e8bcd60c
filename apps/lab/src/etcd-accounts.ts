import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { EtcdBinary } from "./etcd-binary/etcd-source.ts";
import { etcdGrants, type Grant } from "./etcd-grants.ts";
import type { LabHome } from "./home.ts";
import { labFailed } from "./lab-failed.ts";
import { runCommand } from "./run-command.ts";

export type EtcdAccountsOptions = { readonly home: LabHome; readonly etcd: EtcdBinary; readonly endpoints: readonly string[]; readonly prefix: string };

const ledgerSchema = z.object({ v: z.literal(1), grants: z.array(z.string()) });

/** etcd's users, roles and its access control as a whole, by certificate names alone: no user has a password. */
export type EtcdAccounts = {
  /** Whether access control was turned on before, by an earlier start too. */
  areOn(): Promise<boolean>;
  /** Gives these principals their rights, and then turns access control on; what was done before is not done again. */
  ensure(principals: readonly string[], signal: AbortSignal): Promise<void>;
};

/** What was granted is remembered in the home, so that a warm start asks etcd nothing. */
export function etcdAccounts(options: EtcdAccountsOptions): EtcdAccounts {
  const ledger = join(options.home.machines, "etcd-accounts.json");
  const done = async (): Promise<Set<string> | null> => {
    const text = await readFile(ledger, "utf8").catch(() => null);
    return text === null ? null : new Set(ledgerSchema.parse(JSON.parse(text)).grants);
  };
  return {
    areOn: async () => (await done()) !== null,
    async ensure(principals, signal) {
      const before = await done();
      const granted = new Set(before);
      const missing = etcdGrants(principals, options.prefix).filter((grant) => !granted.has(JSON.stringify(grant)));
      for (const grant of missing) {
        await etcdctl(options, commandOf(grant), signal);
        granted.add(JSON.stringify(grant));
      }
      if (before === null) await etcdctl(options, ["auth", "enable"], signal);
      if (before === null || missing.length > 0) await writeFile(ledger, `${JSON.stringify({ v: 1, grants: [...granted] })}\n`);
    },
  };
}

function commandOf(grant: Grant): readonly string[] {
  switch (grant.kind) {
    case "role":
      return ["role", "add", grant.role];
    case "permission":
      return ["role", "grant-permission", grant.role, grant.access, grant.from, grant.to];
    case "user":
      return ["user", "add", grant.user, "--no-password"];
    case "member":
      return ["user", "grant-role", grant.user, grant.role];
  }
}

/** A start that was cut short may have done a step already; etcd's refusal to do it twice is as good as having done it. */
async function etcdctl({ home, etcd, endpoints }: EtcdAccountsOptions, args: readonly string[], signal: AbortSignal): Promise<void> {
  const tls = ["--cacert", join(home.pki, "ca.pem"), "--cert", join(home.pki, "root.pem"), "--key", join(home.pki, "root-key.pem")];
  const argv = [join(etcd.dir, "etcdctl"), "--endpoints", endpoints.join(","), "--command-timeout", "10s", ...tls, ...args];
  const result = await runCommand(argv, { timeoutMs: 20_000, env: { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" } }, signal);
  signal.throwIfAborted();
  if (result.code !== 0 && !/already exists/.test(result.stderr)) throw labFailed(`etcdctl ${args.slice(0, 3).join(" ")} failed`, { why: result.stderr.trim().slice(-400) });
}
