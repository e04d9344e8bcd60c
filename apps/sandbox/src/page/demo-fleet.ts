/** Three machines, one of them cut off, as the lab would tell of them. */
export const MACHINES = [
  { name: "m1", machine: "4f1a7c0be2d94c55a1f0c3d2e8b76a11", ip: "10.78.0.11", state: "running", pid: 4101 },
  { name: "m2", machine: "9b20de41776f4a0c8be1c52f0a3d4e22", ip: "10.78.0.12", state: "running", pid: 4230 },
  { name: "m3", machine: "c7730e5f1b884d2f9d6a41e7b5c80f33", ip: "10.78.0.13", state: "cut", pid: 4377 },
] as const;

const unit = (name: string, machine: number | undefined, more: object = {}) => ({
  unit: name,
  machine: machine === undefined ? null : MACHINES[machine]?.machine,
  active: machine === undefined ? "inactive" : "active",
  sub: machine === undefined ? "dead" : "running",
  health: "none",
  image: null,
  target: "launched",
  ...more,
});

/** Units in every state that the page can show. */
export const UNITS = [
  unit("quarterdeck-bot@1.service", 0),
  unit("quarterdeck-bot@2.service", 1),
  unit("web@1.service", 0, { health: "passing", image: "registry.lab:5000/web:1.1.0@sha256:2b1c" }),
  unit("web@2.service", 1, { active: "activating", sub: "start", image: "registry.lab:5000/web:1.1.0@sha256:2b1c" }),
  unit("web@3.service", 2, { health: "passing", image: "registry.lab:5000/web:1.0.0@sha256:77aa" }),
  unit("web@4.service", 0, { health: "failing", image: "registry.lab:5000/web:1.2.0@sha256:9f10" }),
  unit("hello.service", 1),
  unit("backup.service", 1, { active: "failed", sub: "failed" }),
  unit("cache@2.service", undefined),
];
