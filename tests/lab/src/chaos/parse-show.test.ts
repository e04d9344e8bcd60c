import { expect, test } from "vitest";
import { parseShow } from "./parse-show.ts";

test("the active units are told, with the start that they are in", () => {
  const text = [
    "Id=a.service\nActiveState=active\nInvocationID=01ab",
    "Id=b.service\nActiveState=activating\nInvocationID=02cd",
    "InvocationID=\nActiveState=inactive\nId=c.service\n",
  ].join("\n\n");
  expect([...parseShow(text)]).toEqual([["a.service", "01ab"]]);
  expect(parseShow("").size).toBe(0);
});
