import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dockerImages } from "./docker-images.ts";

const signal = AbortSignal.timeout(20_000);
const id = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** A program in docker's place that answers as docker does, and writes down each call, an element a line and `--` between calls. */
async function docker(body: string) {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-docker-"));
  const path = join(dir, "docker");
  await writeFile(path, `#!/bin/sh\nprintf '%s ' "$@" >> ${dir}/calls; echo >> ${dir}/calls\n${body}\n`);
  await chmod(path, 0o755);
  return {
    dir,
    path,
    calls: async () => (await readFile(join(dir, "calls"), "utf8")).trimEnd().split("\n"),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

const INSPECTED = JSON.stringify([
  { Id: id("a"), RepoTags: ["web:1"], RepoDigests: [`web@${id("1")}`, "<none>@<none>"], Size: 1 },
  { Id: id("b"), RepoTags: ["<none>:<none>"], RepoDigests: [] },
  { Id: id("c"), RepoTags: null },
]);

test("images are listed with all their names, and with whether a container has them", async () => {
  await using it = await docker(
    `case "$1 $2" in
     "container ls") echo ${"d".repeat(64)};;
     "container inspect") echo ${id("a")};;
     "image ls") echo ${id("a")}; echo ${id("a")}; echo ${id("b")}; echo ${id("c")};;
     "image inspect") printf '%s\\n' '${INSPECTED}';;
     esac`,
  );
  expect(await dockerImages(it.dir, it.path).list(signal)).toEqual([
    { id: id("a"), names: ["web:1", `web@${id("1")}`], inUse: true },
    { id: id("b"), names: [], inUse: false },
    { id: id("c"), names: [], inUse: false },
  ]);
});

test("an image is removed by its names, without force; one without a name by its id", async () => {
  await using it = await docker("");
  const images = dockerImages(it.dir, it.path);
  await images.remove({ id: id("a"), names: ["web:1", "web:2"], inUse: false }, signal);
  await images.remove({ id: id("b"), names: [], inUse: false }, signal);
  expect((await it.calls()).map((call) => call.trim())).toEqual([`image rm -- web:1 web:2`, `image rm -- ${id("b")}`]);
});

test("without Docker there are no images, and where it never ran it is not asked", async () => {
  await using it = await docker("");
  expect(await dockerImages(it.dir, join(it.dir, "not there")).list(signal)).toBeNull();
  expect(await dockerImages(join(it.dir, "not there"), it.path).list(signal)).toBeNull();
  await expect(it.calls()).rejects.toMatchObject({ code: "ENOENT" });
});

test("a Docker that does not answer is an error in its words", async () => {
  await using it = await docker("echo 'Cannot connect to the Docker daemon' >&2; exit 1");
  await expect(dockerImages(it.dir, it.path).list(signal)).rejects.toMatchObject({
    code: "FAILED",
    message: expect.stringContaining("Cannot connect") as string,
  });
});
