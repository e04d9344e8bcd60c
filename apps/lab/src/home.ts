import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Every path below `$QUARTERDECK_HOME`: all state and caches of one lab. */
export type LabHome = {
  readonly root: string;
  /** What can be made again: base images, etcd, Debian tools. */
  readonly cache: string;
  /** A directory a machine: its disk and its record. */
  readonly machines: string;
  readonly pki: string;
  readonly contexts: string;
  readonly registry: string;
  readonly sandbox: string;
  /** Sockets and logs of the running lab. */
  readonly run: string;
  readonly controlSocket: string;
  readonly lock: string;
  readonly sshKey: string;
  /** What must stay the same over restarts: subnet, etcd members. */
  readonly state: string;
};

export function labHome(root: string): LabHome {
  const at = (...parts: readonly string[]): string => join(root, ...parts);
  return {
    root,
    cache: at("cache"),
    machines: at("machines"),
    pki: at("pki"),
    contexts: at("contexts"),
    registry: at("registry"),
    sandbox: at("sandbox"),
    run: at("run"),
    controlSocket: at("run", "lab.sock"),
    lock: at("lock"),
    sshKey: at("ssh", "core"),
    state: at("lab.json"),
  };
}

/** The home that the environment names; default `~/.local/share/quarterdeck`. */
export function homeFromEnvironment(environment: NodeJS.ProcessEnv): LabHome {
  const named = environment["QUARTERDECK_HOME"];
  return labHome(named === undefined || named === "" ? join(homedir(), ".local/share/quarterdeck") : resolve(named));
}
