import { keys } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { hashText } from "./hash-text.ts";
import { createEngineWorld } from "./testing/engine-world.ts";
import { HELLO_TEXT, M1, M2, name, OTHER_TEXT } from "./testing/facts.ts";

const hello = name("hello.service");

test("fleet #1131: two hundred times destroyed and started under one name, it always runs, once, with the text that was sent last", async () => {
  await using world = await createEngineWorld();
  world.startEngine();
  const agents = [await world.addMachine({ machine: M1 }), await world.addMachine({ machine: M2 })];
  const running = (): readonly string[] => agents.flatMap((agent) => agent.running());
  for (let round = 0; round < 200; round += 1) {
    const text = `${round % 2 === 0 ? HELLO_TEXT : OTHER_TEXT}# ${round % 3}\n`;
    const started = await world.ask({ verb: "start", units: [hello], files: [{ name: hello, text }], replace: false });
    expect(started).toMatchObject({ kind: "applied", changed: [hello] });
    const incarnation = await world.until((view) => view.get(keys.unit(hello))?.createRevision);
    const state = await world.until((view) =>
      agents
        .map(({ machine }) => view.get(keys.state(machine, hello))?.value)
        .find((each) => each?.active === "active" && each.incarnation === String(incarnation)),
    );
    expect(state.hash).toBe(hashText(text));
    expect(running()).toEqual([hello]);
    // Not waited for: the next start comes while the old copy is still being stopped.
    expect(await world.ask({ verb: "destroy", units: [hello] })).toMatchObject({ kind: "applied" });
  }
}, 60_000);
