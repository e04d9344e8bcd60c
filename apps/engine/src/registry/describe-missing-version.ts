import { nearest, type Problem } from "@quarterdeck/model";

/** At most this many tags are shown; a list that nobody reads helps nobody. */
const SHOWN = 5;

/** `VERSION_NOT_FOUND` with the newest tags (by their numbers, since registries keep no dates) and the nearest one. */
export function describeMissingVersion(repository: string, version: string, tags: readonly string[]): Problem {
  const newest = [...tags].sort((a, b) => COLLATOR.compare(b, a)).slice(0, SHOWN);
  const meant = nearest(version, tags);
  return {
    code: "VERSION_NOT_FOUND",
    message: `${repository} has no version ${version}`,
    why:
      newest.length === 0
        ? "the registry knows no such image, or none of its tags may be read"
        : `newest versions: ${newest.join(", ")}`,
    try: meant === null ? `push ${repository}:${version} first` : `did you mean ${meant}?`,
  };
}

const COLLATOR = new Intl.Collator("en", { numeric: true });
