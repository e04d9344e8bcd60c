export * from "./fake-etcd.ts";
