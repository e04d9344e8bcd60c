import type { EtcdMember } from "@quarterdeck/etcd";
import { CodedError } from "@quarterdeck/model";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

export const etcdGet: Handler<NoFlags, readonly [string]> = async function* ({ args }, context, signal) {
  const key = wholeKey(args[0], "get");
  const found = await context.etcd.raw.get(key, signal);
  if (found === null)
    throw new CodedError("NOT_FOUND", {
      message: `there is no key ${key}`,
      try: `fleet etcd ls ${key.slice(0, key.lastIndexOf("/") + 1)}`,
    });
  yield done({ key, value: found.value, modRevision: Number(found.modRevision) }, [
    { kind: "code", language: "text", text: found.value },
  ]);
};

export const etcdSet: Handler<NoFlags, readonly [string, string]> = async function* ({ args }, context, signal) {
  const [, value] = args;
  const key = wholeKey(args[0], "set");
  await context.etcd.raw.put(key, value, signal);
  yield done({ key, value }, [{ kind: "note", tone: "good", text: `wrote ${key}` }]);
};

export const etcdLs: Handler<NoFlags, readonly [string?]> = async function* ({ args }, context, signal) {
  const found = await context.etcd.raw.list(wholeKey(args[0] ?? "/", "ls"), signal);
  yield done(
    found.map(({ path }) => ({ key: path })),
    found.length === 0 ? [] : [{ kind: "code", language: "text", text: found.map(({ path }) => path).join("\n") }],
  );
};

/** @throws {CodedError} USAGE for one that does not begin with / */
function wholeKey(word: string, verb: string): string {
  if (word.startsWith("/")) return word;
  throw new CodedError("USAGE", {
    message: `${JSON.stringify(word)} is not a whole key: it does not begin with /`,
    try: `fleet etcd ${verb} /${word}`,
  });
}

const COLUMNS: readonly Column<EtcdMember>[] = [
  { key: "name", cell: (row) => orDash(row.name) },
  { key: "id", cell: (row) => row.id },
  { key: "endpoint", cell: (row) => row.endpoint },
  { key: "healthy", cell: (row) => String(row.healthy) },
  { key: "leader", cell: (row) => orDash(row.leader === null ? null : String(row.leader)) },
  { key: "version", cell: (row) => orDash(row.version) },
  {
    key: "size",
    cell: (row) => (row.databaseBytes === null ? "-" : `${(row.databaseBytes / 1_048_576).toFixed(1)} MiB`),
  },
];

export const etcdMembers: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const members = await context.etcd.raw.members(signal);
  yield done(members, [tableBlock(members, COLUMNS, flags, count(members.length, "member"))]);
};
