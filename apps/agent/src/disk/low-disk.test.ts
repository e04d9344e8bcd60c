import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@quarterdeck/daemon";
import { CodedError, type UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { TestMachine } from "../testing-fixture.ts";
import type { ContainerImage, ContainerImages } from "./container-images.ts";
import { ImageMemory } from "./image-memory.ts";
import { LowDisk } from "./low-disk.ts";

const signal = AbortSignal.timeout(20_000);
const WEB = "[Service]\nExecStart=/usr/bin/docker run ${IMAGE}\n";
const image = (name: string, inUse = false): ContainerImage => ({ id: `id of ${name}`, names: [name], inUse });

async function stage(
  options: { readonly free?: () => number; readonly images?: readonly ContainerImage[] | null } = {},
) {
  const machine = await TestMachine.create();
  const memory = await ImageMemory.open(join(machine.dir, "images.json"), () => undefined);
  const removed: string[] = [];
  const said: string[] = [];
  let nowMs = 0;
  let confirmed = true;
  const log = createLogger("test");
  log.level = "silent";
  log.info = (...words: unknown[]) => void said.push(String(words.at(-1)));
  const images: ContainerImages = {
    list: () => Promise.resolve(options.images === undefined ? [] : options.images),
    remove: ({ names }) => {
      if (names[0] === "taken:1") throw new CodedError("FAILED", { message: "docker failed: image is being used" });
      removed.push(names[0] ?? "");
      return Promise.resolve();
    },
  };
  const lowDisk = new LowDisk({
    lowPercent: 15,
    readFree: () => Promise.resolve(options.free?.() ?? 10),
    images,
    memory,
    files: machine.files,
    manager: machine.manager,
    entries: () => (confirmed ? machine.entries : null),
    clock: { now: () => new Date(nowMs), wait: () => Promise.resolve() },
    log,
  });
  return {
    machine,
    memory,
    lowDisk,
    removed,
    said,
    later: (ms: number) => void (nowMs += ms),
    loseEtcd: () => void (confirmed = false),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

test("images that no unit, no release and no container needs go, each with its reason; all others stay", async () => {
  const images = ["web:1", "web:2", "web:3", "old:1", "taken:1"].map((name) => image(name));
  await using it = await stage({ images: [...images, image("other:1", true)] });
  it.machine.schedule("web@1.service", WEB, { environment: { IMAGE: "web:2" } });
  await it.memory.note(it.machine.entries ?? new Map());
  it.machine.schedule("web@1.service", WEB, { environment: { IMAGE: "web:3" } });
  await it.memory.note(it.machine.entries ?? new Map());
  await it.machine.settle();
  await it.lowDisk.look(signal);
  expect(it.removed).toEqual(["web:1", "old:1"]);
  expect(it.said).toContain("removed the image old:1: no unit, no kept release and no container needs it");
});

test("it stops as soon as there is some room to spare", async () => {
  const images = ["a:1", "b:1", "c:1"].map((name) => image(name));
  const free: () => number = () => 10 + 5 * it.removed.length;
  await using it = await stage({ images, free });
  await it.lowDisk.look(signal);
  // 10 %, 15 %, and 20 % are five more than the limit.
  expect(it.removed).toEqual(["a:1", "b:1"]);
});

test("with room nothing is even looked at, and it is tidied at most every ten minutes", async () => {
  let free = 15;
  await using it = await stage({ images: [image("a:1")], free: () => free });
  await it.lowDisk.look(signal);
  expect(it.removed).toEqual([]);
  free = 14.9;
  await it.lowDisk.look(signal);
  it.later(599_999);
  await it.lowDisk.look(signal);
  expect(it.removed).toEqual(["a:1"]);
  it.later(1);
  await it.lowDisk.look(signal);
  expect(it.removed).toEqual(["a:1", "a:1"]);
});

test("while etcd does not confirm the schedule nothing goes, for nobody knows what is needed", async () => {
  await using it = await stage({ images: [image("a:1")] });
  it.loseEtcd();
  await it.lowDisk.look(signal);
  expect(it.removed).toEqual([]);
});

test("files of units that no entry names go when they are down; an orphan that is up stays, with what has its name", async () => {
  await using it = await stage({ images: null });
  for (const unit of ["kept.service", "job.timer", "job.service", "gone.service"]) it.machine.schedule(unit, WEB);
  await it.machine.settle();
  for (const unit of ["job.service", "gone.service", "kept.service"] as UnitName[])
    await it.machine.manager.stop(unit, signal);
  for (const unit of ["job.timer", "job.service", "gone.service"] as UnitName[]) it.machine.entries?.delete(unit);
  await it.lowDisk.look(signal);
  expect([...it.machine.files.list().keys()].toSorted()).toEqual(["job.service", "job.timer", "kept.service"]);
  expect(it.said).toContain("removed the file of gone.service: no entry names it, and it is down");
});

test("of a service the images of the last three releases are remembered, also by the next agent", async () => {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-images-"));
  try {
    const path = join(dir, "images.json");
    const memory = await ImageMemory.open(path, () => undefined);
    await using machine = await TestMachine.create();
    for (const release of [1, 2, 3, 4]) {
      machine.schedule("web@1.service", WEB, { environment: { IMAGE: `web:${release}` } });
      machine.schedule("web@2.service", WEB, { environment: { IMAGE: `web:${release}` } });
      await memory.note(machine.entries ?? new Map());
    }
    expect((await ImageMemory.open(path, () => undefined)).images).toEqual(["web:4", "web:3", "web:2"]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
