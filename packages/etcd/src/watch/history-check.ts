import { CodedError } from "@quarterdeck/model";
import type { IResponseHeader, IRangeResponse } from "etcd3";
import type { Change } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import type { Revision } from "../keyspace/key.ts";
import { storedValueOf } from "../keyspace/read-range.ts";
import { RESET_REASONS } from "./reset-cause.ts";

/**
 * Tells whether the cluster that answers now is the one that was followed, with the history that was followed. A restore may keep the cluster's id
 * and its members' (both are computed from names and addresses), and its revision may have passed ours since; so the newest value that was seen
 * is looked up where it was written.
 *
 * Not to be found out: what differs after that value (deletions, and keys outside of what is followed), and anything at all once the value was
 * overwritten and its revision compacted. A restore with `--bump-revision --mark-compacted` compacts every revision a client can know, and so
 * always gives a reset; `epoch` is for the rest.
 */
export class HistoryCheck {
  readonly #endpoints: Endpoints;
  readonly #prefix: string;
  readonly #signal: AbortSignal;
  #clusterId: string | null = null;
  #witness: Change | null = null;

  constructor(endpoints: Endpoints, prefix: string, signal: AbortSignal) {
    this.#endpoints = endpoints;
    this.#prefix = prefix;
    this.#signal = signal;
  }

  /** A value that etcd holds or held; the newest is remembered. */
  saw(change: Change | null): void {
    if (change !== null && change.modRevision > (this.#witness?.modRevision ?? 0n)) this.#witness = change;
  }

  /** Of a new stream: why what was known before no longer holds; null when it does, as far as can be told. */
  async ofStream({ cluster_id: clusterId }: IResponseHeader): Promise<string | null> {
    const before = this.#clusterId;
    this.#clusterId = clusterId;
    const why =
      before !== null && before !== clusterId ? RESET_REASONS.other_cluster : await this.#ofWitness(this.#witness);
    if (why !== null) this.#witness = null;
    return why;
  }

  /** Whether a watch that begins after `known` does so in the future: a member may lag, but the cluster may not. */
  async ofRevision(known: Revision, header: IResponseHeader, start: string): Promise<string | null> {
    if (BigInt(header.revision) >= known) return null;
    const answer = await this.#read(start, null);
    return typeof answer === "object" && BigInt(answer.header.revision) < known ? RESET_REASONS.went_back : null;
  }

  async #ofWitness(witness: Change | null): Promise<string | null> {
    if (witness === null) return null;
    const then = await this.#read(this.#prefix + witness.path, witness.modRevision);
    if (typeof then === "object") return isWitness(then, witness) ? null : RESET_REASONS.restored;
    if (then === "unknown") return null;
    const now = await this.#read(this.#prefix + witness.path, null);
    if (typeof now !== "object") return null;
    return BigInt(now.header.revision) < witness.modRevision ? RESET_REASONS.went_back : null;
  }

  /** `gone`: etcd does not have that revision. `unknown`: not knowing is no proof of a loss, and a stream that breaks asks again. */
  async #read(path: string, revision: Revision | null): Promise<IRangeResponse | "gone" | "unknown"> {
    const request = {
      key: Buffer.from(path),
      limit: 1,
      ...(revision === null ? {} : { revision: revision.toString() }),
    };
    const options = { action: `read ${path}`, repeatable: true };
    try {
      return await callEtcd(this.#endpoints, { name: "range", request }, options, this.#signal);
    } catch (error) {
      if (error instanceof CodedError) return error.code === "ETCD_COMPACTED" ? "gone" : "unknown";
      if (this.#signal.aborted) return "unknown";
      throw error;
    }
  }
}

function isWitness({ kvs }: IRangeResponse, witness: Change): boolean {
  const [found] = kvs.map(storedValueOf);
  return found?.modRevision === witness.modRevision && found.json === witness.json;
}
