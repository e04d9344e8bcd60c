export { createAuditAuthority, type AuditAuthority } from "./audit-authority.ts";
export { etcdctl } from "./etcdctl.ts";
export { startEtcd, type EtcdServer, type EtcdServerOptions } from "./etcd-server.ts";
export { fakeEtcd, type FakeEtcd } from "./fake-etcd.ts";
export { findEtcd, HOW_TO_GET_ETCD } from "./find-etcd.ts";
export { startSecureEtcd, type SecureEtcd } from "./secure-etcd.ts";
