import { status, type ServiceError } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { Endpoints } from "./endpoints.ts";
import { FailedRounds } from "./failed-rounds.ts";

const REFUSED = [
  status.UNAVAILABLE,
  "No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1",
] as const;
const OUT_OF_TIME = [status.DEADLINE_EXCEEDED, "Deadline exceeded after 0.050s,waiting for LB pick"] as const;
const UNSEEN = [status.UNAVAILABLE, "No connection established: no answer"] as const;

const failure = ([code, details]: readonly [status, string]): ServiceError =>
  Object.assign(new Error(details), { code, details }) as unknown as ServiceError;

test.each([
  ["silence after a reason", [REFUSED, OUT_OF_TIME], /is not there: nothing listens/],
  ["no connection after a reason", [REFUSED, UNSEEN], /is not there: nothing listens/],
  ["a reason after silence", [OUT_OF_TIME, REFUSED], /is not there: nothing listens/],
  ["silence alone", [OUT_OF_TIME, UNSEEN], /does not answer/],
])("%s: what an endpoint said counts, not that time ran out", async (_, said, message) => {
  const endpoints = new Endpoints({ endpoints: ["http://127.0.0.1:1"], tls: null, prefix: "/quarterdeck/" }, null);
  try {
    const rounds = new FailedRounds(endpoints, "read /key");
    for (const each of said) await rounds.add(endpoints.current, failure(each));
    expect(rounds.toError().message).toMatch(message);
  } finally {
    endpoints.close();
  }
});
