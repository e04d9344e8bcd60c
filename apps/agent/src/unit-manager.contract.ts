import type { UnitName } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { UnitManager } from "./ports.ts";
import { hashOf, type UnitFiles } from "./unit-files.ts";

/** A service manager and the folders that it reads units from. */
export type ContractMachine = AsyncDisposable & { readonly manager: UnitManager; readonly files: UnitFiles };

const unit = "quarterdeck-contract@1.service" as UnitName;
const signal = AbortSignal.timeout(60_000);
const SLEEP = "[Service]\nExecStart=/bin/sleep 1000\n";

/** What everything behind {@link UnitManager} must do: run against the fake, systemd and the manager of plain processes. */
export function describeUnitManagerContract(name: string, makeMachine: (() => Promise<ContractMachine>) | null): void {
  describe.skipIf(makeMachine === null)(name, () => {
    const withMachine = (
      title: string,
      body: (machine: ContractMachine, write: (text: string) => Promise<void>) => Promise<void>,
    ) =>
      test(title, async () => {
        if (makeMachine === null) return;
        await using machine = await makeMachine();
        const { manager, files } = machine;
        try {
          await body(machine, (text) => files.write(unit, { text, hash: hashOf(text), dropIn: null }));
        } finally {
          await manager.stop(unit, signal);
          await manager.resetFailed(unit, signal);
          await files.remove(unit);
        }
      });

    withMachine("a unit that nobody wrote is not found, and stopping it is done at once", async ({ manager }) => {
      expect(await manager.properties(unit, signal)).toMatchObject({
        load: "not-found",
        active: "inactive",
        fragmentPath: "",
      });
      expect(await manager.stop(unit, signal)).toBe("done");
      await manager.resetFailed(unit, signal);
      await expect(manager.start(unit, signal)).rejects.toMatchObject({ code: "SYSTEMD_REFUSED" });
    });

    withMachine("a new file starts without a reload", async ({ manager, files }, write) => {
      await write(SLEEP);
      expect(await manager.start(unit, signal)).toBe("done");
      const properties = await manager.properties(unit, signal);
      expect(properties).toMatchObject({
        load: "loaded",
        active: "active",
        sub: "running",
        result: "success",
        needReload: false,
      });
      expect(properties.mainPid).toBeGreaterThan(0);
      expect(properties.invocationId).toMatch(/^[0-9a-f]{32}$/);
      expect(properties.stateChangedAtMs).toBeGreaterThan(0);
      expect(files.isOurPath(properties.fragmentPath, unit)).toBe(true);
    });

    withMachine("starting what runs leaves it running, restarting it makes it another", async ({ manager }, write) => {
      await write(SLEEP);
      await manager.start(unit, signal);
      const first = await manager.properties(unit, signal);
      expect(await manager.start(unit, signal)).toBe("done");
      expect((await manager.properties(unit, signal)).invocationId).toBe(first.invocationId);
      expect(await manager.restart(unit, signal)).toBe("done");
      expect((await manager.properties(unit, signal)).invocationId).not.toBe(first.invocationId);
    });

    withMachine("a stopped unit is down when stop resolves", async ({ manager }, write) => {
      await write(SLEEP);
      await manager.start(unit, signal);
      expect(await manager.stop(unit, signal)).toBe("done");
      expect(await manager.properties(unit, signal)).toMatchObject({ active: "inactive", mainPid: 0 });
    });

    withMachine(
      "a changed file of a loaded unit asks for a reload, and only until it came",
      async ({ manager }, write) => {
        await write(SLEEP);
        await manager.start(unit, signal);
        await write(`${SLEEP}# changed\n`);
        expect((await manager.properties(unit, signal)).needReload).toBe(true);
        await manager.reload(signal);
        expect(await manager.properties(unit, signal)).toMatchObject({ needReload: false, active: "active" });
      },
    );

    withMachine("a oneshot has ended when start resolves", async ({ manager }, write) => {
      await write("[Service]\nType=oneshot\nExecStart=/bin/true\n");
      expect(await manager.start(unit, signal)).toBe("done");
      expect(await manager.properties(unit, signal)).toMatchObject({ active: "inactive", result: "success" });
    });

    withMachine("a oneshot that fails is failed, until that is forgotten", async ({ manager }, write) => {
      await write("[Service]\nType=oneshot\nExecStart=/bin/false\n");
      expect(await manager.start(unit, signal)).toBe("failed");
      expect(await manager.properties(unit, signal)).toMatchObject({ active: "failed", result: "exit-code" });
      await manager.resetFailed(unit, signal);
      expect(await manager.properties(unit, signal)).toMatchObject({ active: "inactive" });
    });

    withMachine("changes begin with all and name the unit that started", async ({ manager }, write) => {
      const stop = new AbortController();
      const changes = manager.changes(AbortSignal.any([stop.signal, signal]))[Symbol.asyncIterator]();
      expect((await changes.next()).value).toMatchObject({ all: true });
      await write(SLEEP);
      await manager.start(unit, signal);
      let named = false;
      while (!named) named = ((await changes.next()).value as { units: ReadonlySet<string> }).units.has(unit);
      stop.abort();
      while (!(await changes.next()).done);
    });
  });
}
