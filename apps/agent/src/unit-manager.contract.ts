import assert from "node:assert/strict";
import type { UnitName } from "@quarterdeck/model";
import type { UnitManager } from "./ports.ts";
import { hashOf, type UnitFiles } from "./unit-files.ts";

/** A service manager and the folders that it reads units from. */
export type ContractMachine = AsyncDisposable & { readonly manager: UnitManager; readonly files: UnitFiles };

/** One sentence of the contract. `run` throws where the machine breaks it, and leaves no unit behind either way. */
export type ContractCase = {
  readonly name: string;
  run(machine: ContractMachine, signal: AbortSignal): Promise<void>;
};

const unit = "quarterdeck-contract@1.service" as UnitName;
const SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";
const CLEANUP_MS = 15_000;

type Body = (
  manager: UnitManager,
  write: (text: string) => void,
  signal: AbortSignal,
  files: UnitFiles,
) => Promise<void>;

/**
 * What everything behind {@link UnitManager} must do. Bound to no test framework: vitest runs it against the fake and the manager of plain
 * processes, and inside a machine of the lab, where there is none, `unit-manager.on-systemd.ts` runs it against systemd.
 */
export const unitManagerContract: readonly ContractCase[] = [
  inCase("a unit that nobody wrote is not found, and stopping it is done at once", async (manager, _write, signal) => {
    const properties = await manager.properties(unit, signal);
    assert.partialDeepStrictEqual(properties, { load: "not-found", active: "inactive", fragmentPath: "" });
    assert.equal(await manager.stop(unit, signal), "done");
    await manager.resetFailed(unit, signal);
    await assert.rejects(manager.start(unit, signal), { code: "SYSTEMD_REFUSED" });
  }),

  inCase("a new file starts without a reload", async (manager, write, signal, files) => {
    write(SLEEP);
    assert.equal(await manager.start(unit, signal), "done");
    const properties = await manager.properties(unit, signal);
    assert.partialDeepStrictEqual(properties, {
      load: "loaded",
      active: "active",
      sub: "running",
      result: "success",
      needReload: false,
    });
    assert.ok(properties.mainPid > 0, "it has a main process");
    assert.match(properties.invocationId, /^[0-9a-f]{32}$/);
    assert.ok(properties.stateChangedAtMs > 0, "it is known since when it is active");
    assert.ok(files.isOurPath(properties.fragmentPath, unit), `${properties.fragmentPath} is ours`);
  }),

  inCase("starting what runs leaves it running, restarting it makes it another", async (manager, write, signal) => {
    write(SLEEP);
    await manager.start(unit, signal);
    const first = await manager.properties(unit, signal);
    assert.equal(await manager.start(unit, signal), "done");
    assert.equal((await manager.properties(unit, signal)).invocationId, first.invocationId);
    assert.equal(await manager.restart(unit, signal), "done");
    assert.notEqual((await manager.properties(unit, signal)).invocationId, first.invocationId);
  }),

  inCase("a stopped unit is down when stop resolves", async (manager, write, signal) => {
    write(SLEEP);
    await manager.start(unit, signal);
    assert.equal(await manager.stop(unit, signal), "done");
    assert.partialDeepStrictEqual(await manager.properties(unit, signal), { active: "inactive", mainPid: 0 });
  }),

  inCase(
    "a changed file of a loaded unit asks for a reload, and only until it came",
    async (manager, write, signal) => {
      write(SLEEP);
      await manager.start(unit, signal);
      write(`${SLEEP}# changed\n`);
      assert.equal((await manager.properties(unit, signal)).needReload, true);
      await manager.reload(signal);
      assert.partialDeepStrictEqual(await manager.properties(unit, signal), { needReload: false, active: "active" });
    },
  ),

  inCase("a oneshot has ended when start resolves", async (manager, write, signal) => {
    write("[Service]\nType=oneshot\nExecStart=/bin/true\n");
    assert.equal(await manager.start(unit, signal), "done");
    assert.partialDeepStrictEqual(await manager.properties(unit, signal), { active: "inactive", result: "success" });
  }),

  inCase("a oneshot that fails is failed, until that is forgotten", async (manager, write, signal) => {
    write("[Service]\nType=oneshot\nExecStart=/bin/false\n");
    assert.equal(await manager.start(unit, signal), "failed");
    assert.partialDeepStrictEqual(await manager.properties(unit, signal), { active: "failed", result: "exit-code" });
    await manager.resetFailed(unit, signal);
    assert.partialDeepStrictEqual(await manager.properties(unit, signal), { active: "inactive" });
  }),

  inCase(
    "a unit is enabled for what its [Install] names, once, until it is disabled",
    async (manager, write, signal, files) => {
      const service = "quarterdeck-contract@2.service" as UnitName;
      const sidekick = `[Unit]\nBindsTo=${service}\n${SLEEP}[Install]\nWantedBy=${service}\n`;
      write(sidekick);
      assert.deepEqual(await manager.enable(unit, signal), [service]);
      assert.deepEqual(await manager.enable(unit, signal), []);
      await manager.disable(unit, signal);
      await manager.disable(unit, signal);
      // The link may have gone with it.
      files.remove(unit);
      write(sidekick);
      assert.deepEqual(await manager.enable(unit, signal), [service]);
      await manager.disable(unit, signal);
    },
  ),

  inCase("a unit without [Install] is enabled for nothing", async (manager, write, signal) => {
    write(SLEEP);
    assert.deepEqual(await manager.enable(unit, signal), []);
  }),

  inCase("changes begin with all and name the unit that started", async (manager, write, signal) => {
    const stop = new AbortController();
    const changes = manager.changes(AbortSignal.any([stop.signal, signal]))[Symbol.asyncIterator]();
    assert.partialDeepStrictEqual((await changes.next()).value, { all: true });
    write(SLEEP);
    await manager.start(unit, signal);
    for (let named = false; !named;) {
      const change = await changes.next();
      if (change.done === true) assert.fail("the changes ended before the unit was named");
      named = change.value.units.has(unit);
    }
    stop.abort();
    while ((await changes.next()).done !== true);
  }),
];

function inCase(name: string, body: Body): ContractCase {
  return {
    name,
    async run({ manager, files }, signal) {
      try {
        await body(manager, (text) => files.write(unit, { text, hash: hashOf(text), dropIn: null }), signal, files);
      } finally {
        // A signal of its own: a case that ran out of time is cleaned up after, too.
        const cleanup = AbortSignal.timeout(CLEANUP_MS);
        await manager.stop(unit, cleanup);
        await manager.resetFailed(unit, cleanup);
        files.remove(unit);
      }
    },
  };
}
