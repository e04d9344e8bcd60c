import { expect } from "vitest";
import type { FleetWorld, Reply } from "./fleet-world.ts";

export const HELLO = [{ section: "Service", name: "ExecStart", value: "/bin/sleep 1000" }];

/** fleet's body of an error. */
export const failed = (code: number, message: string | RegExp) => ({
  error: { code, message: typeof message === "string" ? message : (expect.stringMatching(message) as string) },
});

export const put = (world: FleetWorld, name: string, body: unknown): Promise<Reply> =>
  world.ask("PUT", `/fleet/v1/units/${name}`, { body });

/** Of one unit's reply. */
export const stateIs = (state: string) => (reply: Reply) =>
  (reply.body as { currentState?: string }).currentState === state;

export async function start(world: FleetWorld, name: string, options: readonly unknown[] = HELLO): Promise<void> {
  expect((await put(world, name, { name, options, desiredState: "launched" })).status).toBe(201);
  await world.until(`/fleet/v1/units/${name}`, stateIs("launched"));
}
