import { readFileSync, statSync } from "node:fs";
import { createAuditSigner, type AuditSigner } from "@quarterdeck/etcd";
import { CodedError, problemOf } from "@quarterdeck/model";
import type { EngineLog } from "./ports.ts";

/** PEM files of the engine's certificate and key, and of the cluster's authority. */
type Files = { readonly cert: string; readonly key: string; readonly ca: string };

/**
 * Signs the audit log with the pair of files, which are looked at before each signature: a renewed one is taken up with the next act. Half of a
 * pair, or one that cannot be used, changes nothing but a line in the journal: the pair in use stays in use.
 * @throws {CodedError} INVALID_CERTIFICATE when there is no usable pair to begin with
 */
export function createFileSigner(files: Files, log: EngineLog): AuditSigner {
  let stamp = stampOf(files);
  let signer = readSigner(files);
  const current = (): AuditSigner => {
    const now = stampOf(files);
    if (now !== stamp) {
      stamp = now;
      signer = renewed(files, log) ?? signer;
    }
    return signer;
  };
  return {
    sign: (bytes) => current().sign(bytes),
    vouches(head) {
      const isOurs = current().vouches(head);
      if (!isOurs)
        log.error(
          { code: "AUDIT_UNSOUND", head: head.sequence },
          "no engine of this cluster signed the audit log's head",
        );
      return isOurs;
    },
  };
}

function renewed(files: Files, log: EngineLog): AuditSigner | null {
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

function readSigner({ cert, key, ca }: Files): AuditSigner {
  return createAuditSigner({ cert: readPem(cert), key: readPem(key), ca: readPem(ca) });
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
function stampOf({ cert, key, ca }: Files): string {
  return [cert, key, ca]
    .map((path) => {
      const found = statSync(path, { bigint: true, throwIfNoEntry: false });
      return found === undefined ? "gone" : `${found.ino}/${found.size}/${found.ctimeNs}`;
    })
    .join(" ");
}
