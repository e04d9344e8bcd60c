import { expect, test } from "vitest";
import { CodedError, problemOf } from "./coded-error.ts";

test("exit code and retryability come from the code alone", () => {
  const error = new CodedError("ETCD_UNREACHABLE", { message: "no member answers" });
  expect([error.exitCode, error.retryable]).toEqual([7, true]);
});

test("whatever was thrown becomes a problem with a code", () => {
  expect(problemOf(new CodedError("LOCKED", { message: "held", try: "fleet locks" }))).toEqual({
    code: "LOCKED",
    message: "held",
    try: "fleet locks",
  });
  expect(problemOf(new TypeError("x is not a function"))).toEqual({ code: "INTERNAL", message: "x is not a function" });
  expect(problemOf("text")).toEqual({ code: "INTERNAL", message: "text" });
  expect(problemOf(Object.assign(new Error("stopped"), { name: "AbortError" })).code).toBe("CANCELLED");
});
