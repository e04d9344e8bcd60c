import {
  isTemplate,
  nearest,
  refuse,
  succeed,
  templateOf,
  unitNameSchema,
  type Problem,
  type Result,
  type ServiceName,
  type UnitName,
} from "@quarterdeck/model";
import { replicasOf } from "../derive/running-release.ts";
import type { Facts } from "../facts/facts.ts";
import { isPattern, matchPattern } from "./match-pattern.ts";

/** What units were meant, and whether a pattern chose them. */
export type ResolvedUnits = { readonly units: readonly UnitName[]; readonly byPattern: boolean };

type Options = {
  readonly verb: string;
  /** Names whose text is sent along: they need not be known. */
  readonly sent?: ReadonlySet<string>;
};

type Asked = Options & {
  /** What was typed, with another word in the place of the one that is wrong. */
  readonly again: (meant: string) => string;
};

/** Verbs that are about the text, which a template has too; all others are about what runs, and a template never does. */
const TEXT_VERBS: ReadonlySet<string> = new Set(["cat", "destroy"]);

/** Verbs that somebody types who thinks of a unit that the cluster should have. */
const SENDING_VERBS: ReadonlySet<string> = new Set(["start", "load"]);

/**
 * Words → units of the cluster, in the order given, each once. A word is a unit's name (orphans too), a pattern with `*`, `?` or `[…]`, a
 * service's name, which means its replicas, or an instance of a known template. Refuses with NOT_FOUND or INVALID_NAME, naming what was meant.
 */
export function resolveUnits(facts: Facts, words: readonly string[], options: Options): Result<ResolvedUnits> {
  const known = new Set<UnitName>([...facts.units.keys(), ...facts.states.map((one) => one.unit)]);
  const units = new Set<UnitName>();
  let byPattern = false;
  for (const word of words) {
    const again = (meant: string): string =>
      `fleet ${options.verb} ${words.map((one) => (one === word ? meant : one)).join(" ")}`;
    const found = resolveWord(facts, known, word, { ...options, again });
    if (!found.ok) return found;
    byPattern ||= isPattern(word);
    for (const unit of found.value) units.add(unit);
  }
  return succeed({ units: [...units], byPattern });
}

function resolveWord(
  facts: Facts,
  known: ReadonlySet<UnitName>,
  word: string,
  options: Asked,
): Result<readonly UnitName[]> {
  if (isPattern(word)) {
    const found = [...known].filter((unit) => matchPattern(word, unit) && fits(unit, options.verb)).toSorted();
    return found.length > 0
      ? succeed(found)
      : refuse({ code: "NOT_FOUND", message: `no unit matches ${word}`, try: "fleet list-unit-files" });
  }
  const parsed = unitNameSchema.safeParse(word);
  if (parsed.success) {
    const template = templateOf(parsed.data);
    const there = known.has(parsed.data) || options.sent?.has(parsed.data) === true;
    const instance = template !== null && (known.has(template) || options.sent?.has(template) === true);
    return there || instance ? succeed([parsed.data]) : refuse(unknownUnit(known, word, options));
  }
  const service = facts.services.get(word);
  if (service !== undefined) return replicasOrProblem(facts, service.service);
  return refuse(unknownUnit(known, word, options));
}

function replicasOrProblem(facts: Facts, service: ServiceName): Result<readonly UnitName[]> {
  const replicas = replicasOf(facts, service);
  if (replicas.length > 0) return succeed(replicas);
  return refuse({
    code: "NOT_FOUND",
    message: `the service ${service} has no replicas`,
    why: "it has never been deployed",
    try: `fleet deploy ${service} VERSION`,
  });
}

function fits(unit: UnitName, verb: string): boolean {
  return TEXT_VERBS.has(verb) || !isTemplate(unit);
}

function unknownUnit(known: ReadonlySet<UnitName>, word: string, { verb, again }: Asked): Problem {
  const exact = `${word}.service`;
  if (known.has(exact as UnitName)) {
    return {
      code: "NOT_FOUND",
      message: `there is no unit ${word}`,
      why: "a unit's name has its suffix",
      try: again(exact),
    };
  }
  if (!unitNameSchema.safeParse(word).success && !/^[a-zA-Z0-9:_.@-]+$/.test(word)) {
    return {
      code: "INVALID_NAME",
      message: `${JSON.stringify(word)} is not a unit name`,
      why: "a unit name is 1 to 256 of a-z A-Z 0-9 : _ . @ - and ends in .service or another systemd suffix",
      try: "fleet list-unit-files",
    };
  }
  const close = nearest(
    word,
    [...known].filter((unit) => fits(unit, verb)),
  );
  if (close !== null) return { code: "NOT_FOUND", message: `there is no unit ${word}`, try: again(close) };
  const named = unitNameSchema.safeParse(word).success;
  return {
    code: "NOT_FOUND",
    message: `there is no unit ${word}`,
    try:
      named && SENDING_VERBS.has(verb)
        ? `fleet submit ./${word}, or see fleet list-unit-files`
        : "fleet list-unit-files",
  };
}
