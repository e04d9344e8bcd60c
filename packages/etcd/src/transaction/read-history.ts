import { CodedError } from "@quarterdeck/model";
import type { IEvent, IKeyValue, IWatchResponse } from "etcd3";
import type { Endpoints } from "../connection/endpoints.ts";
import { isServiceError, toCodedError } from "../connection/grpc-errors.ts";
import type { Revision } from "../keyspace/key.ts";

/** What stood at a key before a change or after it. */
export type Version = { readonly createRevision: Revision; readonly modRevision: Revision };

/** One change of a key. `before` null: there was nothing; `"unknown"`: compacted away. `after` null: it was deleted. */
export type PastChange = {
  readonly revision: Revision;
  readonly before: Version | null | "unknown";
  readonly after: Version | null;
};

/**
 * Every change of one absolute key from a revision on, in order, each by itself; goes on into the present until the reader leaves. Over a stream of
 * its own: the shared one puts changes together.
 * @throws {CodedError} ETCD_COMPACTED when the history does not reach back that far, ETCD_UNREACHABLE
 */
export async function* readHistory(
  endpoints: Endpoints,
  { key, from }: { readonly key: string; readonly from: Revision },
  signal: AbortSignal,
): AsyncIterable<PastChange> {
  signal.throwIfAborted();
  const duplex = await endpoints.current.watch();
  const about = {
    action: `read the history of ${key}`,
    principal: endpoints.principal,
    endpoint: endpoints.current.url,
  };
  const onAbort = (): void => duplex.cancel();
  signal.addEventListener("abort", onAbort);
  // The reader of the stream is told, unless it has left: then it is we who cancelled.
  duplex.on("error", () => {});
  try {
    duplex.write({
      create_request: { key: Buffer.from(key), start_revision: from.toString(), prev_kv: true, fragment: true },
    });
    for await (const response of duplex as AsyncIterable<IWatchResponse>) {
      if (response.canceled)
        throw new CodedError("ETCD_COMPACTED", {
          message: `the history of ${key} from revision ${from} is not there: ${response.cancel_reason || "compacted"}`,
        });
      for (const event of response.events) yield changeOf(event);
    }
    throw new CodedError("ETCD_UNREACHABLE", { message: `cannot ${about.action}: the stream ended` });
  } catch (error) {
    signal.throwIfAborted();
    throw isServiceError(error) ? toCodedError(error, about) : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    duplex.cancel();
  }
}

/** etcd sends nothing before a creation, whatever the type says, nor what is compacted. */
function changeOf({ type, kv, prev_kv }: IEvent): PastChange {
  const previous: IKeyValue | null = prev_kv;
  const after = type === "Delete" ? null : versionOf(kv);
  const revision = BigInt(kv.mod_revision);
  const isCreation = after?.createRevision === revision;
  const unseen = isCreation ? null : "unknown";
  return { revision, before: previous === null ? unseen : versionOf(previous), after };
}

function versionOf(kv: IKeyValue): Version {
  return { createRevision: BigInt(kv.create_revision), modRevision: BigInt(kv.mod_revision) };
}
