import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CodedError } from "@quarterdeck/model";
import { z } from "zod";

const holderSchema = z.object({ pid: z.int().positive(), startTicks: z.string(), since: z.string() });
type Holder = z.infer<typeof holderSchema>;

/**
 * Takes the home's lock, a file with the holder's pid and start time; a lock whose holder is gone is taken over.
 * @throws {CodedError} ALREADY_RUNNING while its holder lives
 */
export async function takeLock(path: string): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    if (await create(path)) return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    const holder = await readHolder(path);
    if (holder !== null && (await startTicksOf(holder.pid)) === holder.startTicks) {
      throw new CodedError("ALREADY_RUNNING", {
        message: `a lab of this home runs already, as process ${holder.pid} since ${holder.since}`,
        why: `${path} is held; one home is one lab`,
        try: "use it (npx lab list), stop it first, or start another one with QUARTERDECK_HOME and QUARTERDECK_PORT set",
      });
    }
    await rm(path, { force: true });
  }
}

/** The living holder's pid, or null. */
export async function lockHolder(path: string): Promise<number | null> {
  const holder = await readHolder(path);
  return holder !== null && (await startTicksOf(holder.pid)) === holder.startTicks ? holder.pid : null;
}

async function create(path: string): Promise<boolean> {
  const holder: Holder = {
    pid: process.pid,
    startTicks: (await startTicksOf(process.pid)) ?? "",
    since: new Date().toISOString(),
  };
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (text.trim() === "") return null;
  const parsed = holderSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A lock cut short by a power loss names nobody; it is taken over like one whose holder is gone.
    return null;
  }
}

/** Field 22 of /proc/<pid>/stat, which tells a process from a later one with the same pid. @see proc(5) */
async function startTicksOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}
