import { z } from "zod";

/** A value like those Quarterdeck keeps: a unit's state, about 150 bytes of JSON. */
export const benchValueSchema = z.object({
  v: z.literal(1),
  unit: z.string(),
  machine: z.string(),
  activeState: z.enum(["active", "inactive", "failed"]),
  subState: z.string(),
  since: z.string(),
  turn: z.number(),
});

export type BenchValue = z.infer<typeof benchValueSchema>;

/** The value of the key with this number; the same for every client. */
export function benchValue(number: number): BenchValue {
  return {
    v: 1,
    unit: `web@${number}.service`,
    machine: "4f1d2c3b4a5968778695a4b3c2d1e0f0",
    activeState: "active",
    subState: "running",
    since: "2026-11-28T10:00:00.000Z",
    turn: number,
  };
}
