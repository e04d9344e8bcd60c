export { createAuditAuthority, type AuditAuthority } from "./audit-authority.ts";
export { etcdctl } from "./etcdctl.ts";
export { startEtcdCluster, type EtcdCluster } from "./etcd-cluster.ts";
export { freePort, startEtcd, type EtcdServer, type EtcdServerOptions } from "./etcd-server.ts";
export { fakeEtcd, type FakeEtcd } from "./fake-etcd.ts";
export { fakeMember } from "./fake-member.ts";
export { findEtcd, HOW_TO_GET_ETCD } from "./find-etcd.ts";
export { startSecureEtcd, type SecureEtcd } from "./secure-etcd.ts";
