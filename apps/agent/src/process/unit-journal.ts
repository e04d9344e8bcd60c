import { appendFile, mkdir, open, readFile, rename, stat, truncate, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type UnitName } from "@quarterdeck/model";
import { z } from "zod";
import type { JournalLine } from "../http/decode-journal.ts";
import type { JournalQuery } from "../http/journal-query.ts";
import { Wakeup } from "../wakeup.ts";
import { formatJournalLine } from "./format-journal-line.ts";
import { splitOutput } from "./split-output.ts";

/** Who a unit's output is of. */
export type Speaker = { readonly identifier: string; readonly pid: number | null };

const lineSchema = z.object({
  at: z.string(),
  message: z.string(),
  priority: z.number(),
  identifier: z.string(),
  pid: z.number().nullable(),
  cursor: z.string(),
});

const GATHER_MS = 250;
/** Output that is in the journal already is dropped from this size on; what is written in that very moment is lost. */
const OUTPUT_BYTES = 1 << 20;
const JOURNAL_BYTES = 4 << 20;
const MANAGER = "quarterdeck-agent";

/**
 * The journal of units without a journald: a unit writes its output to `<unit>.out` by itself, so that it needs nobody while the agent is
 * away, and {@link UnitJournal.gather} makes lines of `<unit>.ndjson` of it, whose times are those of the gathering.
 */
export class UnitJournal implements AsyncDisposable {
  readonly #dir: string;
  readonly #hostname: string;
  readonly #units = new Map<
    UnitName,
    { done: Promise<unknown>; offset: number | null; readonly waiting: Set<Wakeup> }
  >();
  readonly #speakers = new Map<UnitName, Speaker>();
  readonly #timer: NodeJS.Timeout;

  constructor(dir: string, hostname: string) {
    this.#dir = dir;
    this.#hostname = hostname;
    this.#timer = setInterval(() => {
      // A full disk or the like shows with the next read, which gathers too.
      for (const unit of this.#speakers.keys()) void this.gather(unit).catch(() => undefined);
    }, GATHER_MS);
    this.#timer.unref();
  }

  /** The file that a unit's processes get as stdout and stderr; from now on its lines are the speaker's. */
  async openOutput(unit: UnitName): Promise<FileHandle> {
    await mkdir(this.#dir, { recursive: true });
    return open(this.#path(unit, "out"), "a", 0o600);
  }

  /** Says whose the unit's output is from now on, and has it gathered. */
  speaks(unit: UnitName, speaker: Speaker): void {
    this.#speakers.set(unit, speaker);
  }

  /** What the service manager has to say of a unit. */
  note(unit: UnitName, message: string, priority = 6): Promise<void> {
    return this.#inTurn(unit, async () => {
      await this.#gather(unit);
      await this.#append(unit, [{ message, priority }], { identifier: MANAGER, pid: process.pid });
    });
  }

  /** Makes journal lines of what the unit has written since. */
  gather(unit: UnitName): Promise<void> {
    return this.#inTurn(unit, () => this.#gather(unit));
  }

  /**
   * The last lines and, with `follow`, those to come; ends by the signal. `grep` is a text here, not a pattern: one that is hostile could keep the agent
   * busy for ever, and there is no journalctl to keep busy instead.
   * @throws {CodedError} FAILED for a journal that cannot be read, USAGE for a format that needs a journald
   */
  async *read(query: JournalQuery, signal: AbortSignal): AsyncIterable<string> {
    const { unit, lines, follow, format } = query;
    const wakeup = new Wakeup();
    const state = this.#state(unit);
    state.waiting.add(wakeup);
    try {
      await this.gather(unit);
      const known = await this.#lines(unit);
      const matching = known.filter((line) => isAskedFor(line, query));
      for (const line of matching.slice(Math.max(0, matching.length - lines)))
        yield formatJournalLine(line, this.#hostname, format);
      let last = known.at(-1)?.cursor ?? "";
      while (follow && (await wakeup.next(signal))) {
        const now = await this.#lines(unit);
        const at = now.findIndex(({ cursor }) => cursor === last);
        for (const line of now.slice(at + 1))
          if (isAskedFor(line, query)) yield formatJournalLine(line, this.#hostname, format);
        last = now.at(-1)?.cursor ?? last;
      }
    } finally {
      state.waiting.delete(wakeup);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled([...this.#units.values()].map(({ done }) => done));
  }

  async #gather(unit: UnitName): Promise<void> {
    const path = this.#path(unit, "out");
    const size = (await stat(path).catch(() => null))?.size ?? 0;
    const state = this.#state(unit);
    state.offset ??= Number(/^(\d+)\./.exec((await this.#lines(unit)).at(-1)?.cursor ?? "")?.[1] ?? "0");
    if (state.offset > size) state.offset = 0;
    if (state.offset === size) return;
    const bytes = Buffer.alloc(size - state.offset);
    await using file = await open(path, "r");
    await file.read(bytes, 0, bytes.length, state.offset);
    const { lines, used } = splitOutput(bytes);
    if (used === 0) return;
    state.offset += used;
    await this.#append(unit, lines, this.#speakers.get(unit) ?? { identifier: unit, pid: null });
    if (state.offset < OUTPUT_BYTES || state.offset !== size) return;
    await truncate(path, 0);
    state.offset = 0;
  }

  async #append(
    unit: UnitName,
    lines: readonly { readonly message: string; readonly priority: number }[],
    speaker: Speaker,
  ): Promise<void> {
    const state = this.#state(unit);
    const at = new Date().toISOString();
    const text = lines.map(({ message, priority }) => {
      sequence += 1;
      const cursor = `${state.offset ?? 0}.${at}.${process.pid}.${sequence}`;
      return `${JSON.stringify({ at, message, priority, ...speaker, cursor } satisfies JournalLine)}\n`;
    });
    await mkdir(this.#dir, { recursive: true });
    const path = this.#path(unit, "ndjson");
    await appendFile(path, text.join(""), { mode: 0o600 });
    if ((await stat(path)).size > JOURNAL_BYTES) await rename(path, this.#path(unit, "ndjson.1"));
    for (const wakeup of state.waiting) wakeup.wake();
  }

  async #lines(unit: UnitName): Promise<readonly JournalLine[]> {
    const texts = await Promise.all(
      ["ndjson.1", "ndjson"].map((kind) => readFile(this.#path(unit, kind), "utf8").catch(() => "")),
    );
    return texts
      .join("")
      .split("\n")
      .flatMap((line) => {
        const entry = parseLine(line);
        return entry === null ? [] : [entry];
      });
  }

  #inTurn(unit: UnitName, work: () => Promise<void>): Promise<void> {
    const state = this.#state(unit);
    const turn = state.done.then(work);
    // The next one waits for the end of this one, however it ended; whoever asked for this one gets its failure.
    state.done = turn.catch(() => undefined);
    return turn.catch((cause: unknown) => {
      throw new CodedError("FAILED", { message: `the journal of ${unit} cannot be kept` }, { cause });
    });
  }

  #state(unit: UnitName) {
    const known = this.#units.get(unit);
    if (known !== undefined) return known;
    const state = { done: Promise.resolve<unknown>(null), offset: null, waiting: new Set<Wakeup>() };
    this.#units.set(unit, state);
    return state;
  }

  #path(unit: UnitName, kind: string): string {
    return join(this.#dir, `${unit}.${kind}`);
  }
}

/** As journalctl does it, a pattern without a capital letter matches either case. */
function isAskedFor({ at, message }: JournalLine, { sinceSeconds, grep }: JournalQuery): boolean {
  if (sinceSeconds !== null && Date.parse(at) < sinceSeconds * 1000) return false;
  if (grep === null) return true;
  return grep === grep.toLowerCase() ? message.toLowerCase().includes(grep) : message.includes(grep);
}

/** Tells lines of one moment apart. */
let sequence = 0;

function parseLine(line: string): JournalLine | null {
  if (line === "") return null;
  try {
    const entry = lineSchema.safeParse(JSON.parse(line));
    return entry.success ? entry.data : null;
  } catch {
    // The last line of a journal that was cut short by a power loss.
    return null;
  }
}
