import { join } from "node:path";
import { z } from "zod";
import { eventually } from "../eventually.ts";
import { theLab } from "../lab-handle.ts";
import { runProcess } from "../run-process.ts";

/** uint64 ids do not fit JavaScript's numbers: they are read as text. */
const statusSchema = z.array(
  z.object({
    Endpoint: z.string(),
    Status: z.object({ leader: z.string(), header: z.object({ member_id: z.string() }) }),
  }),
);

export type Member = { readonly machine: string; readonly id: string; readonly isLeader: boolean };

/** etcdctl on this computer as etcd's root, who never enters a machine. @returns what it printed @throws Error when it fails */
export async function etcdctl(at: readonly string[], ...words: readonly string[]): Promise<string> {
  const home = theLab.env().QUARTERDECK_HOME;
  const pki = (file: string): string => join(home, "pki", file);
  const flags = {
    cacert: pki("ca.pem"),
    cert: pki("root.pem"),
    key: pki("root-key.pem"),
    endpoints: at.join(","),
    "command-timeout": "2s",
    "dial-timeout": "1s",
  };
  const argv = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const ended = await runProcess([join(home, "cache/etcd/etcdctl"), ...argv, ...words]);
  if (ended.code !== 0) throw new Error(`etcdctl ${words.join(" ")} ended with ${ended.code}: ${ended.stderr}`);
  return ended.stdout;
}

/** Every member's client address, by the machine that it is on. */
export async function endpoints(): Promise<ReadonlyMap<string, string>> {
  return new Map((await theLab.machines()).map(({ name, ip }) => [name, `https://${ip}:2379`]));
}

/** All members, once each of them answers and all name the same leader. */
export async function wholeCluster(): Promise<readonly Member[]> {
  const addresses = await endpoints();
  return eventually(
    "a whole etcd with one leader",
    async () => {
      const printed = await etcdctl([...addresses.values()], "endpoint", "status", "-w", "json");
      const answers = statusSchema.parse(JSON.parse(printed.replaceAll(/:\s*(\d{6,})/g, ':"$1"')));
      const leaders = new Set(answers.map(({ Status }) => Status.leader));
      if (answers.length < addresses.size || leaders.size !== 1) return undefined;
      const members = [...addresses].map(([machine, endpoint]) => {
        const id = answers.find(({ Endpoint }) => Endpoint === endpoint)?.Status.header.member_id ?? "";
        return { machine, id, isLeader: leaders.has(id) };
      });
      return members.some(({ isLeader }) => isLeader) ? members : undefined;
    },
    { withinMs: 30_000, everyMs: 100 },
  );
}

/** What is dropped: of `member` all that it hears and says, of `clients` all that anybody on the machine says to any etcd, or is answered. */
const DROPPED = {
  member: [
    ["INPUT", "--dports", "2379,2380"],
    ["OUTPUT", "--sports", "2379,2380"],
    ["OUTPUT", "--dports", "2380"],
    ["INPUT", "--sports", "2380"],
  ],
  clients: [
    ["INPUT", "--ports", "2379"],
    ["OUTPUT", "--ports", "2379"],
  ],
} as const;

/** Packets vanish without an answer, as in a broken network and unlike with a process that was killed; the answer is called to end it. */
export async function blackHole(machine: string, what: keyof typeof DROPPED): Promise<() => Promise<void>> {
  const change = async (how: "-I" | "-D"): Promise<void> => {
    for (const [chain, side, ports] of DROPPED[what]) {
      const rule = [chain, "-p", "tcp", "-m", "multiport", side, ports, "-j", "DROP"];
      const { code, stderr } = await theLab.inside(machine, "iptables", "-w", how, ...rule);
      if (code !== 0) throw new Error(`iptables on ${machine} ended with ${code}: ${stderr}`);
    }
  };
  await change("-I");
  return () => change("-D");
}
