import { CodedError } from "@quarterdeck/model";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { examineMember } from "./examine-member.ts";
import type { MemberHealth } from "./member-health.ts";

/** As long as a member is waited for: the list is no quicker on a busy machine. */
const LIST_MS = 2_000;

/**
 * How each member is, by name: those of our endpoints, and those that the cluster lists besides. Wants no permission, and tells what it can
 * when etcd is away; what is wrong with a member is in its answer.
 */
export async function readHealth(endpoints: Endpoints, signal: AbortSignal): Promise<readonly MemberHealth[]> {
  const { credentials } = endpoints;
  const examine = (url: string): Promise<MemberHealth> => examineMember(url, credentials, signal);
  const [listed, ours] = await Promise.all([
    listMembersKnown(endpoints, signal),
    Promise.all(endpoints.all.map(({ url }) => examine(url))),
  ]);
  const others = listed.filter(
    ({ id, url }) => url !== null && !ours.some((member) => member.id === id || member.endpoint === url),
  );
  const all = [...ours, ...(await Promise.all(others.map(({ url }) => examine(url ?? ""))))];
  return all
    .map((member) => {
      const known = listed.find(({ id, url }) => (member.id === null ? url === member.endpoint : id === member.id));
      return known === undefined ? member : { ...member, id: known.id, name: known.name };
    })
    .toSorted((a, b) => compare(a.name ?? "", b.name ?? "") || compare(a.endpoint, b.endpoint));
}

type Listed = { readonly id: string; readonly name: string; readonly url: string | null };

/** Empty when nobody can tell: the endpoints' own answers say why. */
async function listMembersKnown(endpoints: Endpoints, signal: AbortSignal): Promise<readonly Listed[]> {
  try {
    const { members } = await callEtcd(
      endpoints,
      { name: "memberList", request: { linearizable: false } },
      { action: "list etcd's members", repeatable: true, timeoutMs: LIST_MS },
      signal,
    );
    const scheme = endpoints.credentials === null ? "http:" : "https:";
    return members.map(({ ID, name, clientURLs }) => ({
      id: BigInt(ID).toString(16),
      name,
      url: clientURLs.find((url) => URL.canParse(url) && new URL(url).protocol === scheme)?.replace(/\/+$/, "") ?? null,
    }));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CodedError) return [];
    throw error;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
