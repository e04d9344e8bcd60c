import { keys, type EtcdClient } from "@quarterdeck/etcd";
import type { FakeEtcd } from "@quarterdeck/etcd/testing";
import type { Incarnation } from "@quarterdeck/model";
import {
  clusterOf,
  entry,
  HASH,
  HELLO,
  M1,
  M2,
  machine,
  state,
  status,
  unit,
  unitFile,
  write,
} from "./seed-cluster.ts";

/** Two machines and hello.service, submitted and not started. */
export async function submitted(text = "[Service]\nExecStart=/bin/true\n"): Promise<FakeEtcd> {
  return clusterOf(machine(M1), machine(M2), unit(HELLO, { target: "inactive" }), unitFile(HASH, text));
}

/** The engine places hello.service on m1 and the agent starts it, which ends in this state. */
export async function placed(
  etcd: EtcdClient,
  ending: Parameters<typeof state>[2] = {},
): Promise<{ readonly incarnation: Incarnation }> {
  const incarnation = await incarnationOfHello(etcd);
  await write(etcd, unit(HELLO, { generation: 2 }), status(HELLO, incarnation));
  const revision = await write(etcd, entry(M1, HELLO, incarnation, { generation: 2 }));
  await write(etcd, state(M1, HELLO, { incarnation, generation: 2, entryRevision: revision, ...ending }));
  return { incarnation };
}

export async function incarnationOfHello(etcd: EtcdClient): Promise<Incarnation> {
  const found = await etcd.get(keys.unit(HELLO), AbortSignal.timeout(5000));
  return String(found?.createRevision) as Incarnation;
}
