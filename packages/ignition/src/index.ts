export { decodeIgnition } from "./decode-ignition.ts";
export type { Diagnostic } from "./diagnostic.ts";
export { etcdMachine } from "./etcd-machine.ts";
export type { EtcdMachineOptions, WorkerMachineOptions } from "./options.ts";
export { renderIgnition } from "./render-ignition.ts";
export { SPEC_VERSION, type IgnitionConfig, type IgnitionFile, type IgnitionLink, type IgnitionUnit } from "./spec.ts";
export { stubConfig, type StubTarget } from "./stub-config.ts";
export { workerMachine } from "./worker-machine.ts";
