import { refuse } from "@quarterdeck/model";
import type { ImageRegistry } from "../ports.ts";

/** Stands where a cluster has no image registry: every question is refused at once, with `why`. */
export function absentRegistry(why: string): ImageRegistry {
  return {
    pin: (repository, version) =>
      Promise.resolve(
        refuse({
          code: "REGISTRY_UNREACHABLE",
          message: `nobody can be asked for version ${version} of ${repository}`,
          why,
          try: "deploy on a cluster that has a registry",
        }),
      ),
  };
}
