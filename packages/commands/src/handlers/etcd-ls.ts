import { CodedError } from "@quarterdeck/model";
import { deriveKeyRows } from "../derive/derive-key-rows.ts";
import { checkKey } from "../etcd/check-key.ts";
import type { Handler } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";

export type EtcdLsFlags = { readonly recursive: boolean; readonly slash: boolean };

/** etcdctl's `ls` of 2016: one level, or all with `--recursive`; of a key the key. */
export const etcdLs: Handler<EtcdLsFlags, readonly [string?]> = async function* ({ args, flags }, context, signal) {
  const directory = checkKey(args[0] ?? "/", "ls").replace(/\/+$/, "") || "/";
  const below = directory === "/" ? "/" : `${directory}/`;
  const keys = (await context.etcd.raw.list(below, signal)).map(({ path }) => path);
  const rows = deriveKeyRows(keys, { directory, recursive: flags.recursive });
  const isKey = rows.length === 0 && directory !== "/" && (await context.etcd.raw.get(directory, signal)) !== null;
  if (rows.length === 0 && directory !== "/" && !isKey)
    throw new CodedError("NOT_FOUND", {
      message: `there is no key ${directory}, and none below it`,
      try: `fleet etcd ls ${directory.slice(0, directory.lastIndexOf("/")) || "/"}`,
    });
  const shown = isKey ? [{ key: directory, directory: false }] : rows;
  const lines = new Set(shown.map((row) => (flags.slash && row.directory ? `${row.key}/` : row.key)));
  yield done(shown, lines.size === 0 ? [] : [{ kind: "code", language: "text", text: [...lines].join("\n") }]);
};
