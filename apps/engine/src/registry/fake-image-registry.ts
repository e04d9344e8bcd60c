import { refuse, succeed } from "@quarterdeck/model";
import type { ImageRegistry } from "../ports.ts";
import { describeMissingVersion } from "./describe-missing-version.ts";

/** A registry in memory: tags by repository, each with its digest. `reachable = false` makes it answer as one that is away. */
export type FakeImageRegistry = ImageRegistry & {
  reachable: boolean;
  /** How often it was asked. */
  readonly asked: readonly string[];
  /** While set, `pin` waits for it. */
  hold: Promise<void> | null;
};

export function createFakeImageRegistry(
  images: Readonly<Record<string, Readonly<Record<string, string>>>>,
): FakeImageRegistry {
  const asked: string[] = [];
  const registry: FakeImageRegistry = {
    reachable: true,
    asked,
    hold: null,
    async pin(repository, version, signal) {
      asked.push(`${repository}:${version}`);
      await registry.hold;
      signal.throwIfAborted();
      if (!registry.reachable) {
        return refuse({
          code: "REGISTRY_UNREACHABLE",
          message: `the registry of ${repository} could not be asked for version ${version}`,
        });
      }
      const tags = images[repository] ?? {};
      const digest = tags[version];
      if (digest === undefined) return refuse(describeMissingVersion(repository, version, Object.keys(tags)));
      return succeed({ image: `${repository}@${digest}`, pinned: true });
    },
  };
  return registry;
}
