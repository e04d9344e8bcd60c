import { readFileSync, statSync } from "node:fs";
import { createAuditSigner, type AuditSigner } from "@quarterdeck/etcd";
import { CodedError, problemOf } from "@quarterdeck/model";
import type { EngineLog } from "./ports.ts";

/** PEM files of the engine's certificate and key. */
type Pair = { readonly cert: string; readonly key: string };

/**
 * Signs the audit log with the pair of files, which is looked at before each signature: a renewed one is taken up with the next act. Half of a
 * pair, or one that cannot be used, changes nothing but a line in the journal: the pair in use stays in use.
 * @throws {CodedError} INVALID_CERTIFICATE when there is no usable pair to begin with
 */
export function createFileSigner(files: Pair, log: EngineLog): AuditSigner {
  let stamp = stampOf(files);
  let signer = readSigner(files);
  return {
    sign(bytes) {
      const now = stampOf(files);
      if (now !== stamp) {
        stamp = now;
        signer = renewed(files, log) ?? signer;
      }
      return signer.sign(bytes);
    },
  };
}

function renewed(files: Pair, log: EngineLog): AuditSigner | null {
  try {
    const signer = readSigner(files);
    log.info({ certificate: files.cert }, "the audit log is signed with a renewed certificate");
    return signer;
  } catch (error) {
    log.warn(
      { ...problemOf(error), certificate: files.cert },
      "the audit log is signed with the certificate of before",
    );
    return null;
  }
}

function readSigner({ cert, key }: Pair): AuditSigner {
  return createAuditSigner({ cert: readPem(cert), key: readPem(key) });
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CodedError(
      "INVALID_CERTIFICATE",
      {
        message: `cannot read ${path}, which the audit log is signed with`,
        why: cause instanceof Error ? cause.message : String(cause),
        try: `ls -l ${path}`,
      },
      { cause },
    );
  }
}

/** What changes whenever one of the files does; a file that is gone is a change too. */
function stampOf({ cert, key }: Pair): string {
  return [cert, key]
    .map((path) => {
      const found = statSync(path, { bigint: true, throwIfNoEntry: false });
      return found === undefined ? "gone" : `${found.ino}/${found.size}/${found.ctimeNs}`;
    })
    .join(" ");
}
