import type { AuditSigner } from "@quarterdeck/etcd";
import { createAuditAuthority } from "@quarterdeck/etcd/testing";
import type { Moment } from "../stage.ts";
import { NOW } from "./facts.ts";

const authority = await createAuditAuthority(new Date(NOW - 86_400_000));
const signers = await Promise.all([authority.signer(), authority.signer(), authority.signer()]);

/** PEM: what the tests' audit logs are verified with. */
export const CA = authority.ca;

/** Each engine has a certificate of its own, of one authority. */
export function engineSigner(index: number): AuditSigner {
  return signers[index % 3] ?? signers[0];
}

/** The instant that the tests' facts are of. */
export const moment: Moment = { now: NOW, signer: signers[0] };
