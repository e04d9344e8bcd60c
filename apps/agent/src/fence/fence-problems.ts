import type { Problem, UnitName } from "@quarterdeck/model";

/** Its machine could not be sure any more that it is not being started elsewhere. */
export function stoppedByFence(unit: UnitName): Problem {
  return {
    code: "FENCED",
    message: `${unit} was stopped by its machine's fence, and starts again when etcd has confirmed that it belongs here`,
    why: "etcd did not acknowledge the machine's lease in time, after which a singleton may be started elsewhere",
    try: "fleet doctor",
  };
}

export function notConfirmed(unit: UnitName): Problem {
  return {
    code: "FENCED",
    message: `${unit} is a singleton, and starts when etcd has confirmed that it belongs here`,
    why: "etcd has not acknowledged a lease of this machine, or not been asked since; what is on disk may be old",
    try: "fleet doctor",
  };
}

export function noFence(unit: UnitName): Problem {
  return {
    code: "FENCED",
    message: `${unit} is a singleton, and plain processes have no fence that could stop it`,
    why: "two copies could run when this machine is cut off",
    try: "remove Singleton=, or run it where machines have systemd",
  };
}
