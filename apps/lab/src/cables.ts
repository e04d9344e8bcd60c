import { existsSync } from "node:fs";
import type { HostNames } from "./host-names.ts";
import { labFailed } from "./lab-failed.ts";
import { applyFaults } from "./network/faults.ts";
import { limitRate, unlimitRate } from "./network/rate.ts";
import { runOrFail } from "./run-command.ts";
import { until } from "./until.ts";

export type Slowness = {
  /** Tenths of a percent of frames lost, 0 to 1000. */ readonly lossPerMille: number;
  /** null: as fast as it goes. */ readonly bitsPerSecond: number | null;
};

/** The network between the machines: who is plugged in, and what is wrong on purpose. Faults outlive a machine's reboot. */
export class Cables {
  readonly #names: HostNames;
  readonly #cutPairs = new Map<string, readonly [string, string]>();
  readonly #slow = new Map<string, Slowness>();

  constructor(names: HostNames) {
    this.#names = names;
  }

  /** Plugs a machine's link into the bridge or pulls it. nspawn makes the link while it starts, so it may come a moment later. */
  async plug(link: string, plugged: boolean, signal: AbortSignal): Promise<void> {
    const there = await until(async () => existsSync(`/sys/class/net/${link}`), { everyMs: 5, forMs: 10_000 }, signal);
    if (!there) throw labFailed(`the network link ${link} did not appear`);
    await runOrFail(["ip", "link", "set", link, "master", this.#names.bridge, plugged ? "up" : "down"], {}, signal);
    const rate = this.#slow.get(link)?.bitsPerSecond ?? null;
    if (rate !== null) await limitRate({ link, pid: null }, rate, signal);
  }

  /** Lets two links hear nothing of each other. */
  async cutPair(left: string, right: string, signal: AbortSignal): Promise<void> {
    this.#cutPairs.set([left, right].toSorted().join(" "), [left, right]);
    await this.#apply(signal);
  }

  /** `leader` is the machine's init, in whose network namespace the other end is. */
  async slow(link: string, leader: number, slowness: Slowness, signal: AbortSignal): Promise<void> {
    this.#slow.set(link, slowness);
    await this.#apply(signal);
    const ends = [
      { link, pid: null },
      { link: "host0", pid: leader },
    ];
    for (const end of ends)
      await (slowness.bitsPerSecond === null
        ? unlimitRate(end, signal)
        : limitRate(end, slowness.bitsPerSecond, signal));
  }

  /** Takes back every fault of a link, and of pairs it is in. */
  async heal(link: string, leader: number | null, signal: AbortSignal): Promise<void> {
    for (const [key, pair] of this.#cutPairs) if (pair.includes(link)) this.#cutPairs.delete(key);
    const wasSlow = this.#slow.delete(link);
    await this.#apply(signal);
    if (!wasSlow || leader === null) return;
    await unlimitRate({ link, pid: null }, signal);
    await unlimitRate({ link: "host0", pid: leader }, signal);
  }

  async #apply(signal: AbortSignal): Promise<void> {
    const loss = [...this.#slow].flatMap(([link, { lossPerMille }]) =>
      lossPerMille > 0 ? [[link, lossPerMille] as const] : [],
    );
    await applyFaults(this.#names.tag, { cutPairs: [...this.#cutPairs.values()], loss: new Map(loss) }, signal);
  }
}
