/** One line of `etcd ls`. A name may be both, a key and the beginning of others: then it has two rows. */
export type KeyRow = { readonly key: string; readonly directory: boolean };

/**
 * Keys as the directories that etcdctl showed in 2016: etcd itself has no directories any more, so there is one wherever a key goes on behind
 * a `/`. In key order, a name's key before its directory.
 */
export function deriveKeyRows(
  keys: readonly string[],
  { directory, recursive }: { readonly directory: string; readonly recursive: boolean },
): readonly KeyRow[] {
  const base = directory.endsWith("/") ? directory : `${directory}/`;
  const plain = new Set<string>();
  const directories = new Set<string>();
  for (const key of keys) {
    if (!key.startsWith(base)) continue;
    const parts = key.slice(base.length).split("/");
    const depth = recursive ? parts.length : 1;
    for (let length = 1; length <= depth; length += 1) {
      const name = base + parts.slice(0, length).join("/");
      if (length < parts.length) directories.add(name);
      else plain.add(name);
    }
  }
  return [
    ...[...plain].map((key) => ({ key, directory: false })),
    ...[...directories].map((key) => ({ key, directory: true })),
  ].toSorted((a, b) => (a.key === b.key ? Number(a.directory) - Number(b.directory) : a.key < b.key ? -1 : 1));
}
