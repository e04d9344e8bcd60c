import type { HealthTiming, UnitName } from "@quarterdeck/model";
import { HEALTH_TIMING, type HealthCheck } from "@quarterdeck/units";
import { expect, test } from "vitest";
import type { ProbeResult } from "./derive-health.ts";
import { HealthMonitor } from "./health-monitor.ts";

const unit = "web@1.service" as UnitName;
const check: HealthCheck = { kind: "tcp", host: "localhost", port: 80 };

/** Every question and every pause waits for the test. */
class Stage {
  readonly pauses: number[] = [];
  readonly timeouts: number[] = [];
  readonly changes: string[] = [];
  #answer = Promise.withResolvers<ProbeResult>();
  #pause = Promise.withResolvers<void>();
  readonly monitor = new HealthMonitor({
    probe: (_, timeoutMs) => {
      this.timeouts.push(timeoutMs);
      return this.#answer.promise;
    },
    clock: {
      now: () => new Date(0),
      wait: (milliseconds, signal) => {
        this.pauses.push(milliseconds);
        const pause = this.#pause;
        signal.addEventListener("abort", () => pause.reject(signal.reason), { once: true });
        return pause.promise;
      },
    },
    onChange: () => this.changes.push(this.monitor.of(unit).health),
  });

  async answer(result: ProbeResult): Promise<void> {
    const before = this.pauses.length;
    const answered = this.#answer;
    this.#answer = Promise.withResolvers();
    answered.resolve(result);
    await expect.poll(() => this.pauses.length).toBe(before + 1);
    const paused = this.#pause;
    this.#pause = Promise.withResolvers();
    paused.resolve();
  }
}

const ok: ProbeResult = { ok: true, definite: true, detail: "ok" };
const broken: ProbeResult = { ok: false, definite: true, detail: "HTTP 500" };

test("it asks every second until the unit passes, then every five, and every second again while in doubt", async () => {
  const stage = new Stage();
  using monitor = stage.monitor;
  monitor.watch(new Map([[unit, { check, timing: HEALTH_TIMING, invocationId: "1" }]]));
  expect(monitor.of(unit).health).toBe("unknown");
  for (const result of [broken, ok, ok, broken, ok]) await stage.answer(result);
  expect(stage.pauses).toEqual([1000, 5000, 5000, 1000, 5000]);
});

test("a check that is to be asked seldom is asked five times as often while in doubt, with its own timeout", async () => {
  const stage = new Stage();
  using monitor = stage.monitor;
  const timing: HealthTiming = { intervalSeconds: 60, timeoutSeconds: 7, healthyThreshold: 2, unhealthyThreshold: 1 };
  monitor.watch(new Map([[unit, { check, timing, invocationId: "1" }]]));
  for (const result of [ok, ok, ok, broken, ok, ok]) await stage.answer(result);
  expect(stage.pauses).toEqual([12_000, 60_000, 60_000, 12_000, 12_000, 60_000]);
  expect(stage.changes).toEqual(["passing", "failing", "passing"]);
  expect(new Set(stage.timeouts)).toEqual(new Set([7000]));
});

test("it speaks up only when something changed", async () => {
  const stage = new Stage();
  using monitor = stage.monitor;
  monitor.watch(new Map([[unit, { check, timing: HEALTH_TIMING, invocationId: "1" }]]));
  for (const result of [ok, ok, ok, broken, broken, broken, broken]) await stage.answer(result);
  expect(stage.changes).toEqual(["passing", "failing"]);
});

test("another start of the unit begins anew, and the same one goes on", async () => {
  const stage = new Stage();
  using monitor = stage.monitor;
  monitor.watch(new Map([[unit, { check, timing: HEALTH_TIMING, invocationId: "1" }]]));
  await stage.answer(ok);
  monitor.watch(new Map([[unit, { check, timing: HEALTH_TIMING, invocationId: "1" }]]));
  expect(monitor.of(unit).health).toBe("passing");
  monitor.watch(new Map([[unit, { check, timing: HEALTH_TIMING, invocationId: "2" }]]));
  expect(monitor.of(unit).health).toBe("unknown");
});
