import { CodedError } from "@quarterdeck/model";
import type { EtcdMachine } from "./options.ts";
import { PATHS } from "./paths.ts";
import { NO_COMMAND, SANDBOX } from "./sandbox.ts";
import type { IgnitionUnit } from "./spec.ts";
import { renderCommand, renderUnit } from "./unit-text.ts";

/** `quarterdeck-etcd.service`: one member, with mutual TLS towards clients and, by another authority, towards its peers. */
export function etcdUnit(machine: EtcdMachine): IgnitionUnit {
  const contents = renderUnit([
    [
      "Unit",
      [
        ["Description", "etcd for Quarterdeck"],
        ["Wants", "network-online.target"],
        ["After", "network-online.target"],
        // A data volume of its own, where there is one, must be there first: an empty directory would make a new member.
        ["RequiresMountsFor", PATHS.etcdData],
        ["StartLimitIntervalSec", "0"],
      ],
    ],
    [
      "Service",
      [
        ["Type", "notify"],
        ["ExecStart", renderCommand([`${PATHS.etcd}/etcd`, ...etcdFlags(machine)])],
        ["Restart", "always"],
        ["RestartSec", "1"],
        // READY comes with the quorum, which may need machines that boot much later.
        ["TimeoutStartSec", "0"],
        ["LimitNOFILE", "65536"],
        ["LimitCORE", "0"],
        ["MemoryMax", `${machine.memory.etcdMiB}M`],
        ["OOMScoreAdjust", "-900"],
        ["StateDirectory", "quarterdeck/etcd"],
        ["StateDirectoryMode", "0700"],
        ...SANDBOX,
        ...NO_COMMAND,
        ["MemoryDenyWriteExecute", "yes"],
      ],
    ],
    ["Install", [["WantedBy", "multi-user.target"]]],
  ]);
  return { name: "quarterdeck-etcd.service", enabled: true, contents };
}

/** Flags that every etcd from 3.4 to 3.7 knows. */
function etcdFlags({ network, member, etcd }: EtcdMachine): readonly string[] {
  if (network.address === undefined)
    throw new CodedError("INTERNAL", { message: "an etcd machine without an address passed its check" });
  const host = network.address.includes(":") ? `[${network.address}]` : network.address;
  return [
    `--name=${member.name}`,
    `--data-dir=${PATHS.etcdData}`,
    `--listen-client-urls=https://${host}:2379,https://127.0.0.1:2379`,
    `--advertise-client-urls=https://${host}:2379`,
    `--listen-peer-urls=https://${host}:2380`,
    `--initial-advertise-peer-urls=https://${host}:2380`,
    `--listen-metrics-urls=http://127.0.0.1:2381`,
    `--initial-cluster=${member.initialCluster.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(",")}`,
    `--initial-cluster-state=${member.state}`,
    `--initial-cluster-token=${member.token}`,
    `--cert-file=${PATHS.pki}/etcd.pem`,
    `--key-file=${PATHS.pki}/etcd-key.pem`,
    `--trusted-ca-file=${PATHS.pki}/ca.pem`,
    "--client-cert-auth",
    `--peer-cert-file=${PATHS.pki}/peer.pem`,
    `--peer-key-file=${PATHS.pki}/peer-key.pem`,
    `--peer-trusted-ca-file=${PATHS.pki}/peer-ca.pem`,
    "--peer-client-cert-auth",
    `--heartbeat-interval=${etcd.heartbeatMs}`,
    `--election-timeout=${etcd.electionMs}`,
    "--auto-compaction-mode=periodic",
    `--auto-compaction-retention=${etcd.compactionRetention}`,
    `--quota-backend-bytes=${etcd.quotaBytes}`,
    // The engine's largest transaction touches 32 units with several keys each, above etcd's default of 128 operations.
    "--max-txn-ops=512",
  ];
}
