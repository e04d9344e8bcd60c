import { expect, test } from "vitest";
import { LabEvents, type LabEvent } from "./lab-events.ts";

async function take(events: LabEvents, count: number): Promise<readonly LabEvent[]> {
  const stop = new AbortController();
  const seen: LabEvent[] = [];
  for await (const event of events.follow(stop.signal)) {
    seen.push(event);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

const log = (line: string): LabEvent => ({ type: "log", line });

test("a follower gets every event since it began, in order, and ends when aborted", async () => {
  const events = new LabEvents();
  const following = take(events, 3);
  await Promise.resolve();
  for (const line of ["a", "b", "c"]) events.publish(log(line));
  expect(await following).toEqual([log("a"), log("b"), log("c")]);
});

test("whoever comes late is told how things are, not what was said before", async () => {
  const events = new LabEvents();
  events.publish(log("past"));
  events.publish({ type: "machines", machines: [] });
  events.publish({ type: "units", units: [] });
  expect(await take(events, 2)).toEqual([
    { type: "machines", machines: [] },
    { type: "units", units: [] },
  ]);
});

test("what did not change is not said again", async () => {
  const events = new LabEvents();
  events.publish({ type: "units", units: [] });
  const following = take(events, 2);
  await Promise.resolve();
  events.publish({ type: "units", units: [] });
  events.publish(log("next"));
  expect(await following).toEqual([{ type: "units", units: [] }, log("next")]);
});
