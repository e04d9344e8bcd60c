import type { EtcdMachineOptions, WorkerMachineOptions } from "./options.ts";

/** For tests: shaped like PEM, and nothing more. */
const pem = (kind: string, letter: string) => `-----BEGIN ${kind}-----\n${letter.repeat(64)}\n-----END ${kind}-----\n`;
const identity = (letter: string) => ({
  cert: pem("CERTIFICATE", letter),
  key: pem("PRIVATE KEY", letter.toLowerCase()),
});

/** A worker of the lab, with every option in use. */
export const exampleWorker = {
  hostname: "m4",
  network: { kind: "static", address: "10.78.0.14", prefixLength: 24, gateway: "10.78.0.1", dns: ["10.78.0.1"] },
  hosts: [
    { address: "10.78.0.14", names: ["m4"] },
    { address: "10.78.0.1", names: ["registry.lab"] },
  ],
  metadata: { role: "worker" },
  zone: "local",
  version: "0.1.0",
  etcdEndpoints: ["https://10.78.0.11:2379"],
  agent: { fleetApi: true },
  zincati: { fleetLockUrl: "https://10.78.0.11:7444/", group: "workers" },
  bot: { channel: "ops" },
  pki: { ca: pem("CERTIFICATE", "C"), identities: { machine: identity("M"), api: identity("A"), bot: identity("B") } },
  registryCa: { host: "registry.lab:5000", ca: pem("CERTIFICATE", "R") },
  sshAuthorizedKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl core@lab"],
  slack: { botToken: "xoxb-1", appToken: "xapp-1", apiUrl: "http://10.78.0.1:4646/api/" },
} as const satisfies WorkerMachineOptions;

/** The first etcd machine of the lab, with every option in use. */
export const exampleEtcd = {
  ...exampleWorker,
  hostname: "m1",
  network: { ...exampleWorker.network, address: "10.78.0.11" },
  pki: {
    ...exampleWorker.pki,
    peerCa: pem("CERTIFICATE", "D"),
    identities: { ...exampleWorker.pki.identities, etcd: identity("E"), peer: identity("P"), engine: identity("G") },
  },
  schedulable: true,
  member: {
    name: "m1",
    initialCluster: [
      { name: "m1", peerUrl: "https://10.78.0.11:2380" },
      { name: "m2", peerUrl: "https://10.78.0.12:2380" },
      { name: "m3", peerUrl: "https://10.78.0.13:2380" },
    ],
    state: "new",
  },
  engine: { fleetLock: true },
  etcd: { heartbeatMs: 50, electionMs: 500 },
  seed: {
    policy: { v: 1, rules: [{ subjects: ["operator:*"], verbs: ["*"] }] },
    units: [{ name: "hello.service", file: "hello.service", target: "inactive" }],
    files: { "hello.service": "[Service]\nExecStart=/bin/echo 100%% 'ü'\n" },
  },
} as const satisfies EtcdMachineOptions;
