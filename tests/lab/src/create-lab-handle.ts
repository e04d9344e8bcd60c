import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { eventually } from "./eventually.ts";
import { fleetArgv, labArgv, runProcess, type Ended, type RunOptions } from "./run-process.ts";

const machineSchema = z.array(
  z.object({ name: z.string(), machine: z.string(), ip: z.string(), state: z.string(), pid: z.number().nullable() }),
);
const unitSchema = z.array(
  z.object({
    unit: z.string(),
    machine: z.string().nullable(),
    ip: z.string().nullable(),
    active: z.string().nullable(),
    sub: z.string().nullable(),
    load: z.string().nullable(),
    hash: z.string().nullable(),
    health: z.string().nullable(),
  }),
);
const statusSchema = z.object({
  health: z.enum(["ok", "degraded", "down"]),
  etcd: z.object({ members: z.number(), healthy: z.number(), leader: z.string().nullable() }),
  engine: z.object({ leader: z.object({ machine: z.string(), hostname: z.string() }).nullable() }),
  machines: z.array(z.object({ machine: z.string(), hostname: z.string(), state: z.string() })),
});

export type UnitRow = z.infer<typeof unitSchema>[number];

/** Where a running lab is: its home, and the port of its page. */
export type LabPlace = { readonly home: string; readonly port: number };

export type LabHandle = ReturnType<typeof createLabHandle>;

/** A running lab, driven only through what users have: `fleet`, `lab` and the machines' own commands. */
export function createLabHandle(place: () => LabPlace) {
  const handle = {
    env: () => ({ QUARTERDECK_HOME: place().home }),
    url: (path: string) => `http://127.0.0.1:${place().port}${path}`,

    fleet: (words: readonly string[], options: RunOptions = {}): Promise<Ended> =>
      runProcess(fleetArgv(words), { ...options, env: { ...handle.env(), ...options.env } }),

    /** @throws Error with the command's output unless it ends with 0. */
    async fleetOk(...words: readonly string[]): Promise<string> {
      const ended = await handle.fleet(words);
      if (ended.code !== 0)
        throw new Error(`fleet ${words.join(" ")} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`);
      return ended.stdout;
    },

    lab: (words: readonly string[], options: RunOptions = {}): Promise<Ended> =>
      runProcess(labArgv(words), { timeoutMs: 120_000, ...options, env: { ...handle.env(), ...options.env } }),

    async labOk(...words: readonly string[]): Promise<string> {
      const ended = await handle.lab(words);
      if (ended.code !== 0)
        throw new Error(`lab ${words.join(" ")} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`);
      return ended.stdout;
    },

    /** Inside a machine, without a shell and without the start-up of `lab shell`, which has tests of its own. */
    inside: (name: string, ...argv: readonly string[]): Promise<Ended> => handle.insideWith({}, name, ...argv),

    async insideWith(options: RunOptions, name: string, ...argv: readonly string[]): Promise<Ended> {
      const pid = (await handle.machines()).find((machine) => machine.name === name)?.pid;
      if (pid === undefined || pid === null) throw new Error(`${name} is off`);
      return runProcess(["nsenter", "-t", String(pid), "-a", "--", ...argv], { timeoutMs: 20_000, ...options });
    },

    /** What `lab list -o json` prints, asked of the supervisor itself. */
    machines: async () => machineSchema.parse(JSON.parse(await askSupervisor(place().home, "/machines"))),
    units: async (): Promise<readonly UnitRow[]> =>
      unitSchema.parse(JSON.parse(await handle.fleetOk("list-units", "-o", "json"))),
    status: async () => statusSchema.parse(JSON.parse(await handle.fleetOk("status", "-o", "json"))),

    async nameOf(machineId: string | null): Promise<string> {
      const found = (await handle.machines()).find(({ machine }) => machine === machineId);
      if (found === undefined) throw new Error(`no machine ${machineId}`);
      return found.name;
    },

    /** Where `unit` is active, by systemd's own word on every running machine. */
    async activeOn(unit: string): Promise<readonly string[]> {
      const active: string[] = [];
      for (const { name, state } of await handle.machines()) {
        if (state !== "running") continue;
        const { stdout } = await handle.inside(name, "systemctl", "is-active", unit);
        if (stdout.trim() === "active") active.push(name);
      }
      return active;
    },

    /** Until everything that should run runs, all machines are there and etcd is whole. */
    settled: (withinMs = 60_000) =>
      eventually(
        "the cluster to be healthy",
        async () => {
          const status = await handle.status();
          return status.health === "ok" && status.machines.every(({ state }) => state === "running")
            ? status
            : undefined;
        },
        { withinMs, everyMs: 500 },
      ),
  };
  return handle;
}

async function askSupervisor(home: string, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A connection of its own: one that was kept may be closed by the supervisor in the moment in which it is used again.
  const asked = request({ socketPath: join(home, "run/lab.sock"), path, agent: false }, (response) => {
    text(response).then(resolve, reject);
  });
  asked.on("error", reject);
  asked.end();
  return promise;
}
