import { expect, test } from "vitest";
import { playScript } from "./testing/play-script.ts";

/** Drains and rebalances, told as in `scenarios.test.ts`. */
test.each([
  [
    "drain",
    `
    machines m1
    unit a.service
    unit side.service MachineOf=a.service
    unit job.service RunOnce=true
    behave job.service starting
    unit pinned.service MachineID=00000000000000000000000000000001
    unit all.service Global=true
    rest
    machines m2 m3
    rest
    behave a.service starting
    drain m1
    pass
    pass
    agents
    # The leader changes: the next one finds in the relocation how far the last one came.
    stale
    pass
    ready
    # Nothing else moves before a and what is tied to it do well.
    mend a.service
    rest
    mend job.service
    rest
    # Nothing moves back by itself.
    uncordon m1
    rest
    `,
  ],
  [
    "drain-stopped",
    `
    machines m1 m2
    unit a.service
    unit b.service
    unit c.service
    unit d.service
    rest
    # What fails where it went goes on where it was, and the moves behind are not begun.
    behave a.service failed
    drain m1
    rest
    # The machine that a unit went to is lost before it does well: the move is begun again.
    behave a.service starting
    machines m3
    drain m1
    pass
    pass
    agents
    lost m2
    rest
    behave a.service well
    mend a.service
    rest
    `,
  ],
  [
    "rebalance",
    `
    machines m1
    unit a.service
    unit b.service
    unit c.service
    unit d.service
    unit e.service
    unit f.service Conflicts=x.service
    rest
    machines m2 m3
    unit x.service MachineID=00000000000000000000000000000002
    rest
    # One move and no more: f may not come to x.
    rebalance 1
    rest
    rebalance
    pass
    pass
    # While one moves others come to the machine that the next move is planned to: that one is no longer needed.
    unit y@1.service MachineID=00000000000000000000000000000003
    unit y@2.service MachineID=00000000000000000000000000000003
    unit y@3.service MachineID=00000000000000000000000000000003
    rest
    rebalance
    rest
    `,
  ],
  [
    "rebalance-stop-first",
    `
    machines m1 m2
    unit job@1.service RunOnce=true
    unit job@2.service RunOnce=true
    unit job@3.service RunOnce=true
    behave job@1.service starting
    behave job@2.service starting
    behave job@3.service starting
    lost m2
    rest
    back m2
    rest
    rebalance
    pass
    pass
    # While job@3 stops, others come to m2. It goes there all the same: it was not stopped for nothing.
    unit a.service MachineID=00000000000000000000000000000002
    unit b.service MachineID=00000000000000000000000000000002
    rest
    mend job@3.service
    rest
    `,
  ],
])("%s", async (name, script) => {
  await expect(playScript(script)).toMatchFileSnapshot(`testdata/${name}.trace`);
});
