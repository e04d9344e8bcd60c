import { assertNever } from "@quarterdeck/model";
import { covers } from "../keyspace/covers.ts";
import type { EtcdHistory } from "./etcd-history.ts";
import type { Claim, Claimed, FollowerPlan } from "./follower-witness.ts";

type Told = { readonly plan: FollowerPlan; readonly claims: readonly Claim[] };

/**
 * Holds what a follower was told against what happened, and says what is wrong with it; empty when nothing is. A follower's view must be etcd's
 * at every revision it claims; its revisions rise; a batch tells the last change of every key since the one before, nothing else and nothing
 * twice; and it starts over only where it began or where history was compacted away.
 */
export function checkClaims(history: EtcdHistory, { plan, claims }: Told, compactions: number): readonly string[] {
  const wrong: string[] = [];
  const isMine = (path: string): boolean => covers(plan.prefixes, path);
  const view = new Map<string, Claimed>();
  let told = plan.from ?? 0n;
  for (const { path, value, modRevision } of history.stateAt(told, isMine).values())
    view.set(path, { path, json: value, modRevision });

  for (const [index, claim] of claims.entries()) {
    const where = `claim ${index} (${claim.kind} at ${claim.revision}, after ${told})`;
    switch (claim.kind) {
      case "reset":
        if (claim.revision < told) wrong.push(`${where}: went back`);
        if (!isJustified(claim.why, { index, from: plan.from, compactions }))
          wrong.push(`${where}: started over without need: ${claim.why}`);
        view.clear();
        for (const value of claim.values) view.set(value.path, value);
        break;
      case "batch": {
        if (claim.revision <= told) wrong.push(`${where}: does not go on`);
        const due = history.lastChanges(told, claim.revision, isMine);
        const seen = new Set<string>();
        for (const change of claim.changes) {
          const truth = due.get(change.path);
          if (truth?.modRevision !== change.modRevision || truth.value !== change.json || seen.has(change.path))
            wrong.push(`${where}: tells ${show(change)}, but the last change was ${show(truth)}`);
          seen.add(change.path);
          if (change.json === null) view.delete(change.path);
          else view.set(change.path, change);
        }
        for (const [path, change] of due) if (!seen.has(path)) wrong.push(`${where}: does not tell ${show(change)}`);
        break;
      }
      default:
        assertNever(claim);
    }
    told = claim.revision;
    const truth = history.stateAt(told, isMine);
    for (const path of new Set([...truth.keys(), ...view.keys()])) {
      const [is, seen] = [truth.get(path), view.get(path)];
      if (is?.value !== seen?.json || is?.modRevision !== seen?.modRevision)
        wrong.push(`${where}: sees ${path} as ${show(seen)}, but it is ${show(is)}`);
    }
  }
  return wrong;
}

type Start = { readonly index: number; readonly from: bigint | null; readonly compactions: number };

function isJustified(why: string, { index, from, compactions }: Start): boolean {
  if (index === 0 && from === null) return true;
  return compactions > 0 && /compacted/.test(why);
}

const show = (value: { readonly modRevision: bigint; readonly path: string } | undefined): string =>
  JSON.stringify(value, (_, field: unknown) => (typeof field === "bigint" ? Number(field) : field)) ?? "nothing";
