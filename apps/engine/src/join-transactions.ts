import type { Condition, Operation, Transaction } from "@quarterdeck/etcd";

/**
 * Several parts as one transaction, conditions said twice kept once.
 * Two operations on one key would be refused by etcd: parts must not overlap in what they write.
 */
export function joinTransactions(...parts: readonly Transaction[]): Transaction {
  const when = new Map<string, Condition>();
  for (const condition of parts.flatMap((part) => part.when)) when.set(conditionName(condition), condition);
  const then: readonly Operation[] = parts.flatMap((part) => part.then);
  return { when: [...when.values()], then };
}

function conditionName(condition: Condition): string {
  const revision = "is" in condition ? String(condition.is) : "";
  return `${condition.kind} ${condition.path} ${revision}`;
}
