import { access } from "node:fs/promises";
import { CodedError } from "@quarterdeck/model";
import { z } from "zod";
import { programLines } from "../http/program-lines.ts";
import type { ContainerImage, ContainerImages } from "./container-images.ts";

/** @see docker image inspect, docker container inspect */
const imagesSchema = z.array(
  z.object({
    Id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    RepoTags: z.array(z.string()).nullish(),
    RepoDigests: z.array(z.string()).nullish(),
  }),
);
const ID = /^(sha256:)?[0-9a-f]{64}$/;
/** How docker writes the name of what has none. */
const NAMELESS = "<none>";
const AT_ONCE = 100;

/**
 * Docker's images by its own client, which is started with one argument an element and without a shell. Where `folder`, in which it keeps them, is not
 * there, Docker has never run, and is not woken to be asked.
 */
export function dockerImages(folder: string, docker = "docker"): ContainerImages {
  const run = (argv: readonly string[], signal: AbortSignal): Promise<string[]> =>
    Array.fromAsync(programLines({ file: docker, argv }, signal));
  return {
    async list(signal) {
      if (!(await isThere(folder))) return null;
      try {
        const used = await usedImages(run, signal);
        const ids = [...new Set(idsIn(await run(["image", "ls", "--quiet", "--no-trunc"], signal)))];
        const images: ContainerImage[] = [];
        for (let at = 0; at < ids.length; at += AT_ONCE) {
          const text = await run(["image", "inspect", "--", ...ids.slice(at, at + AT_ONCE)], signal);
          for (const { Id, RepoTags, RepoDigests } of imagesSchema.parse(JSON.parse(text.join("\n"))))
            images.push({ id: Id, names: namesIn([...(RepoTags ?? []), ...(RepoDigests ?? [])]), inUse: used.has(Id) });
        }
        return images;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async remove({ id, names }, signal) {
      await run(["image", "rm", "--", ...(names.length === 0 ? [id] : names)], signal);
    },
  };
}

type Run = (argv: readonly string[], signal: AbortSignal) => Promise<string[]>;

async function usedImages(run: Run, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const containers = idsIn(await run(["container", "ls", "--all", "--quiet", "--no-trunc"], signal));
  const used = new Set<string>();
  for (let at = 0; at < containers.length; at += AT_ONCE) {
    const argv = ["container", "inspect", "--format", "{{.Image}}", "--", ...containers.slice(at, at + AT_ONCE)];
    for (const id of idsIn(await run(argv, signal))) used.add(id);
  }
  return used;
}

const idsIn = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.trim()).filter((line) => ID.test(line));

const namesIn = (names: readonly string[]): readonly string[] => names.filter((name) => !name.includes(NAMELESS));

async function isThere(folder: string): Promise<boolean> {
  try {
    await access(folder);
    return true;
  } catch {
    // Not there, or not ours to look at: both are nothing to tidy up.
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof CodedError && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}
