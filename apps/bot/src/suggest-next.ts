import type { Suggestion } from "./render-view.ts";

/** What a person is likely to type next, as buttons under a finished answer; reads only, so that a stray press changes nothing. */
export function suggestNext(words: readonly string[], exitCode: number): readonly Suggestion[] {
  const [verb, ...rest] = words;
  const target = rest.find((word) => !word.startsWith("-"));
  switch (verb) {
    case "status":
    case "list-units":
    case "list-machines":
    case "services":
      return [{ label: "Refresh", words: words.join(" ") }];
    case "start":
    case "load":
    case "restart":
      if (target === undefined) return [];
      return exitCode === 0
        ? [
            { label: "Where it runs", words: "list-units" },
            { label: "Journal", words: `journal ${target}` },
          ]
        : [
            { label: "Why", words: `why ${target}` },
            { label: "Journal", words: `journal ${target}` },
          ];
    case "deploy":
      return target === undefined
        ? []
        : [
            { label: "Services", words: "services" },
            { label: "Releases", words: `releases ${target}` },
          ];
    case "stop":
    case "unload":
    case "destroy":
    case "submit":
      return [{ label: "Unit files", words: "list-unit-files" }];
    case undefined:
      return [
        { label: "Status", words: "status" },
        { label: "Machines", words: "list-machines" },
        { label: "Units", words: "list-units" },
      ];
    default:
      return [];
  }
}
