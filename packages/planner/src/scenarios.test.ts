import { expect, test } from "vitest";
import { playScript } from "./testing/play-script.ts";

/** The transcripts are read in review: each line below a command is a decision with its reason. */
test.each([
  [
    "loss-and-return",
    `
    machines m1 m2 m3
    unit db.service
    unit db-sidekick.service MachineOf=db.service
    unit web@1.service Conflicts=web@*.service
    unit web@2.service Conflicts=web@*.service
    unit logs.service Global=true
    rest
    # m1's power is cut. While it is only silent, nothing happens.
    silent m1
    pass
    lost m1
    pass
    # It returns before the replacements have started: its old copies stay until the new ones do well.
    back m1
    pass
    agents m2 m3
    pass
    agents
    rest
    `,
  ],
  [
    "ordered-move",
    `
    machines m1
    unit a.service
    unit b.service
    unit b-sidekick.service MachineOf=b.service
    rest
    machines m2 m3
    rest
    # b may no longer be beside a, which was there first: b is stopped, its sidekick with it, and only then placed elsewhere.
    unit b.service Conflicts=a.service
    pass
    pass
    agents
    pass
    pass
    # Nothing may have e, and each machine says why.
    unit e.service MachineMetadata=role=db
    pass
    target b.service inactive
    pass
    # Until the agent has acknowledged the stop, the name is not placed again.
    target b.service launched
    pass
    agents
    pass
    pass
    `,
  ],
  [
    "mass-loss",
    `
    machines m1/z1 m2/z1 m3/z2 m4/z2 m5/z3
    unit a.service
    unit b.service
    unit c.service
    unit d.service
    unit e.service
    rest
    # A new leader whose mirror is young believes no silence.
    stale
    lost m1
    pass
    ready
    # Two of five, from two zones: a person has to look.
    lost m3
    pass
    back m3
    pass
    # A whole zone is something that happens.
    lost m2
    pass
    `,
  ],
  [
    "partition",
    `
    machines m1 m2 m3
    unit web@1.service Conflicts=web@*.service
    unit web@2.service Conflicts=web@*.service
    rest
    # m1 is cut off, and goes on running web@1. Before the grace is over it is back: nothing has happened.
    silent m1
    pass
    back m1
    pass
    # Cut off for longer: web@1 is started on m3; the old copy cannot hear of it and runs on.
    lost m1
    pass
    behave web@1.service starting
    agents
    # The leader dies in the middle; the next one believes no silence yet, and takes nothing back.
    stale
    pass
    ready
    pass
    # Healed: the old copy is stopped only when the new one does well.
    back m1
    agents
    pass
    mend web@1.service
    pass
    agents
    rest
    `,
  ],
  [
    "brake-and-release",
    `
    machines m1/z1 m2/z2 m3/z1 m4/z2
    unit bot.service System=true
    unit a.service
    unit b.service
    rest
    lost m1 m2
    # The unit by which a person is told moves; the others wait for that person.
    pass
    rest
    release
    rest
    # All are back: each old copy goes, nothing moves a second time.
    back m1 m2
    rest
    `,
  ],
  [
    "lost-zone",
    `
    machines m1/z1 m2/z1 m3/z2 m4/z3
    label m1 zone=z1
    label m2 zone=z1
    label m3 zone=z2
    label m4 zone=z3
    unit w@1.service Spread=zone
    unit w@2.service Spread=zone
    unit w@3.service Spread=zone
    unit w@4.service Spread=zone
    rest
    # Two of four, but one zone: no brake, and what was there is spread over the others.
    lost m1 m2
    rest
    # The zone comes back. What runs stays where it is; new instances even it out.
    back m1 m2
    rest
    unit w@5.service Spread=zone
    unit w@6.service Spread=zone
    rest
    `,
  ],
  [
    "failed-unit-moved",
    `
    machines m1 m2 m3
    unit a.service Reschedule=failed
    unit b.service
    rest
    fail a.service
    fail b.service
    # a goes elsewhere at once, b stays where it failed.
    rest
    fail a.service
    pass
    pass
    wait 10
    rest
    # b's machine is lost: a failed generation is not started elsewhere, a new one is.
    lost m2
    pass
    pass
    start b.service
    rest
    `,
  ],
  [
    "reserve-refused",
    `
    machines m1 m2
    size m1 memoryMiB=1000 cpuCores=2
    size m2 memoryMiB=500 cpuCores=4
    unit a.service MemoryReserve=600M
    unit b.service MemoryReserve=400M CPUReserve=3
    unit c.service MemoryReserve=500M
    rest
    # a is stopped: c waits until it has, and takes its room.
    target a.service inactive
    pass
    agents
    rest
    # A full disk takes nothing new.
    size m1 diskFreePercent=14
    size m2 diskFreePercent=3
    unit d.service
    pass
    size m1 diskFreePercent=20
    rest
    `,
  ],
  [
    "reschedule-never",
    `
    machines m1 m2
    unit data.service Reschedule=never
    unit web.service
    rest
    lost m1
    rest
    back m1
    rest
    `,
  ],
  [
    "replaces",
    `
    machines m1 m2
    unit old.service
    unit other.service
    rest
    # new comes to m1 because of its name; old makes room, stops, and goes to m2.
    unit new.service Replaces=old.service
    rest
    # With one machine left, old would have nowhere to go: then new stays away.
    destroy new.service
    rest
    lost m1
    rest
    unit new.service Replaces=old.service
    rest
    # Who has to be with both of two that cannot be together is put with neither, and drives neither off.
    destroy new.service
    unit both.service MachineOf=old.service MachineOf=new.service
    unit new.service Replaces=old.service
    back m1
    rest
    `,
  ],
  [
    "leader-change",
    `
    machines m1 m2 m3
    unit a.service
    unit b.service
    unit b-sidekick.service MachineOf=b.service
    unit c.service
    # The first leader dies between two placings; the next one places what is left, and nothing twice.
    dies 1
    stale
    pass
    rest
    ready
    lost m2 m3
    # Units that are tied together are moved both or not at all, wherever the leader dies.
    dies 1
    stale
    # The next leader has seen nobody go: it takes back none of that, and goes on when it may.
    agents
    pass
    ready
    rest
    # Two more leaders are gone before the old copies are settled.
    back m2 m3
    dies 0
    stale
    dies 1
    ready
    rest
    `,
  ],
  [
    "rolling-deploy",
    `
    machines m1 m2 m3
    deploy web 1.0.0 replicas=3
    pass
    agents
    pass
    wait 10
    rest
    deploy web 1.1.0 replicas=3
    behave web@2.service starting
    rest
    wait 10
    rest
    # web@2 takes its time; no other replica is touched.
    wait 5
    rest
    mend web@2.service
    rest
    wait 10
    rest
    wait 10
    rest
    # Fewer replicas: the surplus goes last.
    deploy web 1.2.0 replicas=1
    rest
    wait 10
    rest
    `,
  ],
  [
    "old-copy-waits",
    `
    machines m1 m2
    unit w.service
    unit beside.service MachineID=00000000000000000000000000000001
    rest
    lost m1
    behave w.service failed
    rest
    # The replacement has failed: the old copy runs on until somebody mends it, and keeps away what does not go with it.
    back m1
    rest
    unit w.service Conflicts=beside.service Conflicts=late.service
    unit late.service MachineID=00000000000000000000000000000001
    rest
    behave w.service well
    start w.service
    rest
    `,
  ],
  [
    "old-copy-waits-for-a-sick-one",
    `
    machines m1 m2
    unit w.service Conflicts=late.service
    rest
    lost m1
    behave w.service sick
    rest
    back m1
    unit late.service MachineID=00000000000000000000000000000001
    # The replacement runs and its check fails: nobody knows for how long, so it is written down what late.service waits for, once.
    rest
    pass
    mend w.service
    rest
    `,
  ],
  [
    "follows-a-done-job",
    `
    machines m1 m2
    unit d.service MachineOf=w@1.service MachineOf=job.service
    unit w@1.service MachineOf=d.service
    # It keeps w@1 away for as long as it runs, and is in nobody's way when it is done.
    unit job.service RunOnce=true Conflicts=w@*.service
    behave job.service done
    rest
    `,
  ],
  [
    "failed-deploy",
    `
    machines m1 m2 m3
    deploy web 1.0.0 replicas=3
    rest
    wait 10
    rest
    deploy web 1.1.0 replicas=3
    behave web@1.service sick
    rest
    wait 30
    rest
    deploy web 1.1.1 replicas=3 maxParallel=2
    behave web@1.service well
    behave web@2.service failed
    rest
    # A replica's machine is lost under way: it starts anew elsewhere, and its deadline with it.
    deploy web 1.1.2 replicas=3
    behave web@2.service well
    pass
    wait 20
    lost m1
    rest
    wait 20
    rest
    `,
  ],
])("%s", async (name, script) => {
  await expect(playScript(script)).toMatchFileSnapshot(`testdata/${name}.trace`);
});
