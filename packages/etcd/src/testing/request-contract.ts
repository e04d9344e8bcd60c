import { CodedError, type Principal, type Request, type RequestId, type Timestamp } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { EtcdClient, Transaction } from "../client.ts";
import type { Entry } from "../keyspace/key.ts";
import { keys } from "../keyspace/keys.ts";
import { claimRequest } from "../requests/claim-request.ts";
import { finishRequest } from "../requests/finish-request.ts";
import { followRequest } from "../requests/follow-request.ts";
import { progressRequest } from "../requests/progress-request.ts";
import { submitRequest } from "../requests/submit-request.ts";
import { codeOf } from "./code-of.ts";

type Cluster = AsyncDisposable & { readonly one: EtcdClient; readonly two: EtcdClient };

const signal = AbortSignal.timeout(60_000);

/** What becomes of a request, from its submission to its outcome; a part of the whole contract. */
export function describeRequestContract(makeCluster: () => Promise<Cluster>): void {
  describe("requests", () => {
    test("a request is created once under its id; the same id for something else is a conflict", async () => {
      await using cluster = await makeCluster();
      const request = stopRequest("id-12345", "one.service");
      expect(await submitRequest(cluster.one, request, signal)).toEqual({ created: true });
      expect(
        await submitRequest(cluster.two, { ...request, submittedAt: "2027-01-01T00:00:00.000Z" as Timestamp }, signal),
      ).toEqual({ created: false });
      expect(await codeOf(submitRequest(cluster.one, stopRequest("id-12345", "two.service"), signal))).toBe("CONFLICT");
    });

    test("a request is followed up to its outcome", async () => {
      await using cluster = await makeCluster();
      const request = stopRequest("id-12345", "one.service");
      await submitRequest(cluster.one, request, signal);
      const outcome = {
        kind: "refused",
        problem: { code: "NOT_FOUND", message: "no such unit" },
        at: request.submittedAt,
      } as const;
      const seen: unknown[] = [];
      const key = keys.request(request.actor.principal, request.id);
      const next = async (change: (entry: Entry<Request>) => Transaction): Promise<void> => {
        const entry = await cluster.two.get(key, signal);
        if (entry === null) return expect.fail("the request is gone");
        expect((await cluster.two.transact(change(entry), signal)).committed).toBe(true);
        // Whoever decided from what it was before comes too late.
        expect((await cluster.two.transact(change(entry), signal)).committed).toBe(false);
      };
      const { submittedAt: at } = request;
      for await (const { claim, outcome: end } of followRequest(
        cluster.one,
        request.actor.principal,
        request.id,
        signal,
      )) {
        seen.push(end ?? claim?.doing ?? null);
        if (claim === undefined) {
          expect(() => progressRequest(requestEntry(request), { doing: "2", at })).toThrow(CodedError);
          await next((entry) => claimRequest(entry, { by: "m1", doing: "1", at }));
        } else if (claim.doing === "1") await next((entry) => progressRequest(entry, { doing: "2", at }));
        else if (end === null) await next((entry) => finishRequest(entry, outcome));
      }
      expect(seen).toEqual([null, "1", "2", outcome]);
      const answered = requestEntry({ ...request, outcome });
      for (const change of [
        () => finishRequest(answered, outcome),
        () => claimRequest(answered, { by: "m2", doing: "", at }),
      ])
        expect(change).toThrow(expect.objectContaining({ code: "CONFLICT" }));
      expect(
        await codeOf(firstOf(followRequest(cluster.one, request.actor.principal, "id-99999" as RequestId, signal))),
      ).toBe("NOT_FOUND");
    });
  });
}

async function firstOf<Value>(stream: AsyncIterable<Value>): Promise<Value | undefined> {
  for await (const value of stream) return value;
  return undefined;
}

const requestEntry = (value: Request): Entry<Request> => ({
  path: keys.request(value.actor.principal, value.id).path,
  names: [],
  value,
  createRevision: 1n,
  modRevision: 1n,
});

function stopRequest(id: string, unit: string): Request {
  return {
    v: 1,
    id: id as RequestId,
    actor: { principal: "bot" as Principal, slack: null },
    action: { verb: "stop", units: [unit as never] },
    why: "",
    submittedAt: "2026-11-24T00:00:00.000Z" as Timestamp,
    outcome: null,
  };
}
