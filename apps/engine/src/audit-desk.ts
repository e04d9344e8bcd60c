import { keys, type EtcdClient, type StoredValue } from "@quarterdeck/etcd";
import { problemOf, type Problem } from "@quarterdeck/model";

/** Entries `first` to `last`, and the one that somebody says they have exported. */
export type AuditQuestion = { readonly first: number; readonly last: number; readonly exported: number };

export type AuditAnswer =
  | {
      readonly ok: true;
      /** As stored, in order. */
      readonly entries: readonly StoredValue[];
      /** Null when there is no such entry. */
      readonly exported: StoredValue | null;
      /** PEM of the cluster's authority. */
      readonly ca: string;
    }
  | { readonly ok: false; readonly problem: Problem };

/** Reads what the leader's mirror does not hold of the audit log, so that no pass waits for it. It keeps one answer. */
export type AuditDesk = {
  /** The answer; null while it is being read. It is given once: asked again, it is read again. */
  read(question: AuditQuestion): AuditAnswer | null;
};

export type AuditDeskParts = {
  readonly etcd: EtcdClient;
  readonly clusterCa: () => Promise<string>;
  readonly onAnswer: () => void;
};

export function createAuditDesk({ etcd, clusterCa, onAnswer }: AuditDeskParts, signal: AbortSignal): AuditDesk {
  let asked: { readonly name: string; answer: AuditAnswer | null } | null = null;
  return {
    read(question) {
      const name = JSON.stringify(question);
      if (asked?.name === name) {
        const { answer } = asked;
        if (answer !== null) asked = null;
        return answer;
      }
      const mine: NonNullable<typeof asked> = { name, answer: null };
      asked = mine;
      void answerOf(etcd, { ...question, clusterCa }, signal).then((answer) => {
        mine.answer = answer;
        if (!signal.aborted) onAnswer();
      });
      return null;
    },
  };
}

type Asked = AuditQuestion & Pick<AuditDeskParts, "clusterCa">;

/** Never rejects: what went wrong is an answer too, or the term is over and nobody waits for one. */
async function answerOf(
  etcd: EtcdClient,
  { first, last, exported, clusterCa }: Asked,
  signal: AbortSignal,
): Promise<AuditAnswer> {
  const mark = keys.audit(exported).path;
  const spans = [
    { start: mark, end: null },
    { start: keys.audit(first).path, end: keys.audit(last + 1).path },
  ];
  try {
    const ca = await clusterCa();
    const found: StoredValue[] = [];
    for await (const page of etcd.pages(spans, signal)) found.push(...page.values);
    const isMark = found[0]?.path === mark;
    return { ok: true, ca, exported: (isMark ? found[0] : undefined) ?? null, entries: found.slice(isMark ? 1 : 0) };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}
