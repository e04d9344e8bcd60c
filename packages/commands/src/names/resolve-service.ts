import { nearest, parseServiceName, refuse, succeed, type Result, type Service } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";

/** A service by its name; its template's name is taken for it. `after` is what was typed behind it. Refuses with INVALID_NAME or NOT_FOUND. */
export function resolveService(
  facts: Facts,
  word: string,
  verb: string,
  after: readonly string[] = [],
): Result<Service> {
  const name = parseServiceName(word.replace(/@\.service$/, ""));
  if (!name.ok) return name;
  const service = facts.services.get(name.value);
  if (service !== undefined) return succeed(service);
  const close = nearest(word, [...facts.services.keys()]);
  return refuse({
    code: "NOT_FOUND",
    message: `there is no service ${name.value}`,
    why: "a service is a template unit with an [X-Deploy] section that was submitted",
    try: close === null ? "fleet services" : ["fleet", verb, close, ...after].join(" "),
  });
}
