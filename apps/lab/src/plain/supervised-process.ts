import { spawn, type ChildProcess } from "node:child_process";
import { open } from "node:fs/promises";

export type SupervisedOptions = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Its output is appended to it. */
  readonly log: string;
  /** Told when it runs anew or has ended. */
  readonly changed: () => void;
};

const RESTART_MS = 1000;

/** A daemon of a machine, started again a second after it ended, as systemd does it; it is told to end when this process dies. */
export class SupervisedProcess {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #wanted = false;

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  /** null between an end and the next start. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  async start(): Promise<void> {
    this.#wanted = true;
    const { argv, env, cwd, log, changed } = this.#options;
    const output = await open(log, "a");
    // It was given up while the log was opened.
    if (!this.#wanted) return output.close();
    const child = spawn("setpriv", ["--pdeathsig", "TERM", ...argv], {
      cwd,
      env,
      stdio: ["ignore", output.fd, output.fd],
      detached: true,
    });
    this.#child = child;
    const ended = (): void => {
      if (this.#child !== child) return;
      this.#child = null;
      changed();
      if (this.#wanted) this.#timer = setTimeout(() => void this.start(), RESTART_MS);
    };
    child.once("exit", ended);
    child.once("error", ended);
    await output.close();
    changed();
  }

  /** It is not started again; ending it is left to whoever says this. */
  release(): void {
    this.#wanted = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
