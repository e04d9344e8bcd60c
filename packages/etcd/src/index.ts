export * from "./client.ts";
export * from "./condition.ts";
export * from "./connect-etcd.ts";
export * from "./follow-request.ts";
export * from "./key.ts";
export * from "./keys.ts";
export * from "./operation.ts";
export * from "./submit-request.ts";
