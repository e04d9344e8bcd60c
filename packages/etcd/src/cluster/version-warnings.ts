import type { EtcdClient } from "../client.ts";

/** What is known to be wrong with the versions of etcd that run, one line each with the members that it is about; to be said where people look. */
export async function versionWarnings(
  client: Pick<EtcdClient, "health">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const warned = (await client.health(signal)).filter(({ warning }) => warning !== null);
  const byWarning = Map.groupBy(warned, ({ warning }) => warning);
  return [...byWarning].map(([warning, members]) => {
    const names = members.map(({ name, endpoint }) => name ?? endpoint);
    return `${names.join(", ")}: ${warning}`;
  });
}
