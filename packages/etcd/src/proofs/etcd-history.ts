import type { RawChange, RawEtcd } from "./raw-etcd.ts";

type State = ReadonlyMap<string, RawChange>;

/** What is written last before history is read, so that reading it has an end; outside of everything that is followed. */
const MARK = "mark";

/** Everything that happened below a prefix, as {@link RawEtcd} saw it: the truth that followers are held against. */
export class EtcdHistory {
  readonly #etcd: RawEtcd;
  readonly #byRevision = new Map<bigint, readonly RawChange[]>();
  readonly start: bigint;
  #next: bigint;

  private constructor(etcd: RawEtcd, start: bigint) {
    this.#etcd = etcd;
    this.start = start;
    this.#next = start;
  }

  /** Begins now. */
  static async begin(etcd: RawEtcd): Promise<EtcdHistory> {
    return new EtcdHistory(etcd, await etcd.write([{ path: MARK, value: "" }]));
  }

  /** The last revision that is known here. */
  get head(): bigint {
    return this.#next - 1n;
  }

  /** Catches up; to be called before anything is compacted away. */
  async gather(): Promise<bigint> {
    const mark = await this.#etcd.write([{ path: MARK, value: "" }]);
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, AbortSignal.timeout(10_000)]);
    for await (const changes of this.#etcd.watch(this.#next, signal)) {
      for (const [revision, together] of Map.groupBy(changes, (change) => change.modRevision))
        this.#byRevision.set(revision, together);
      if (changes.some((change) => change.path === MARK && change.modRevision >= mark)) break;
    }
    done.abort();
    this.#next = mark + 1n;
    return mark;
  }

  *revisions(): Iterable<readonly [bigint, readonly RawChange[]]> {
    yield* [...this.#byRevision].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /** The last change of each key in `(after, through]`. */
  lastChanges(after: bigint, through: bigint, isWanted: (path: string) => boolean): State {
    const last = new Map<string, RawChange>();
    for (const [revision, changes] of this.revisions()) {
      if (revision <= after || revision > through) continue;
      for (const change of changes) if (isWanted(change.path)) last.set(change.path, change);
    }
    return last;
  }

  stateAt(revision: bigint, isWanted: (path: string) => boolean): State {
    const state = new Map(this.lastChanges(0n, revision, isWanted));
    for (const [path, change] of state) if (change.value === null) state.delete(path);
    return state;
  }
}
