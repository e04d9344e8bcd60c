import { expect, test } from "vitest";
import { LabEvents } from "./lab-events.ts";

test("a follower gets every event since it began, in order, and ends when aborted", async () => {
  const events = new LabEvents();
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const event of events.follow(stop.signal)) {
      seen.push(event.type === "log" ? event.line : event.type);
      if (seen.length === 3) stop.abort();
    }
  })();
  await Promise.resolve();
  for (const line of ["a", "b", "c"]) events.publish({ type: "log", line });
  await following;
  expect(seen).toEqual(["a", "b", "c"]);
});
