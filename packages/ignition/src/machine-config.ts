import { BASE_UNITS } from "./base-units.ts";
import { configFile } from "./config-file.ts";
import { identityFiles } from "./identity-files.ts";
import { journalFile } from "./journal-file.ts";
import { networkFiles } from "./network-files.ts";
import type { EtcdMachine, WorkerMachine } from "./options.ts";
import { PATHS } from "./paths.ts";
import { SPEC_VERSION, type IgnitionConfig, type IgnitionFile, type IgnitionLink, type IgnitionUnit } from "./spec.ts";
import { textFile } from "./text-file.ts";
import { zincatiFiles } from "./zincati-files.ts";

/** What a role adds to what every machine has. */
interface RoleParts {
  /** `null` where no engine runs. */
  readonly engine: EtcdMachine["engine"] | null;
  readonly files: readonly IgnitionFile[];
  readonly units: readonly IgnitionUnit[];
}

/** The config of a machine: what they all have, and the role's own. */
export function machineConfig(machine: WorkerMachine, role: RoleParts): IgnitionConfig {
  return {
    ignition: { version: SPEC_VERSION },
    passwd: {
      // Owns the fleet API's socket.
      groups: [{ name: "quarterdeck", system: true }],
      users: [{ name: "core", groups: CORE_GROUPS, sshAuthorizedKeys: machine.sshAuthorizedKeys }],
    },
    storage: {
      files: [
        ...networkFiles(machine),
        configFile(machine, role.engine),
        ...identityFiles(machine),
        PROFILE,
        journalFile(machine),
        ...zincatiFiles(machine),
        ...role.files,
      ],
      links: links(machine.version),
    },
    systemd: { units: [...BASE_UNITS, ...role.units] },
  };
}

// Ignition sets the whole list, so those that every image gives to `core` are named again.
const CORE_GROUPS = ["quarterdeck", "sudo", "docker", "systemd-journal"];

// On Flatcar /opt/bin is on PATH already.
const PROFILE = textFile(
  "/etc/profile.d/quarterdeck.sh",
  `case ":$PATH:" in *:${PATHS.bin}:*) ;; *) PATH="$PATH:${PATHS.bin}" ;; esac\n`,
);

function links(version: string): readonly IgnitionLink[] {
  const binary = `${PATHS.binaries}/${version}/quarterdeck`;
  const targets = {
    quarterdeck: binary,
    fleet: binary,
    etcdctl: `${PATHS.etcd}/etcdctl`,
    etcdutl: `${PATHS.etcd}/etcdutl`,
  };
  return Object.entries(targets).map(([name, target]) => ({ path: `${PATHS.bin}/${name}`, target, overwrite: true }));
}
