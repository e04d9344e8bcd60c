import type { WorkerMachine } from "./options.ts";
import type { IgnitionFile } from "./spec.ts";
import { textFile } from "./text-file.ts";
import { renderUnit, type Setting } from "./unit-text.ts";

/** Host name, `/etc/hosts` and the one network interface. */
export function networkFiles({ hostname, hosts, network }: WorkerMachine): readonly IgnitionFile[] {
  return [
    textFile("/etc/hostname", `${hostname}\n`),
    textFile("/etc/hosts", hostsText(hosts)),
    textFile(
      `/etc/systemd/network/10-${FILE_NAME}.network`,
      renderUnit([
        ["Match", [["Name", network.interface]]],
        ["Network", networkSettings(network)],
      ]),
    ),
  ];
}

// Sorts before systemd's own 80-container-host0.network, which would ask for DHCP.
const FILE_NAME = "quarterdeck";

function hostsText(hosts: WorkerMachine["hosts"]): string {
  const lines = [{ address: "127.0.0.1", names: ["localhost"] }, { address: "::1", names: ["localhost"] }, ...hosts];
  return lines.map(({ address, names }) => `${address} ${names.join(" ")}\n`).join("");
}

function networkSettings(network: WorkerMachine["network"]): readonly Setting[] {
  if (network.kind === "dhcp") return [["DHCP", "yes"]];
  return [
    ["Address", `${network.address}/${network.prefixLength}`],
    ...(network.gateway === undefined ? [] : [["Gateway", network.gateway] as const]),
    ...network.dns.map((server) => ["DNS", server] as const),
    ["DHCP", "no"],
    ["LinkLocalAddressing", "no"],
    ["IPv6AcceptRA", "no"],
    // A cut cable must look like a partition: without this networkd takes the address away, and the machine's own etcd
    // member could not be reached by the agent beside it.
    ["ConfigureWithoutCarrier", "yes"],
    ["IgnoreCarrierLoss", "yes"],
  ];
}
