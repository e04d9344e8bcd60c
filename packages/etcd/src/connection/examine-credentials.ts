import { CodedError, type Problem } from "@quarterdeck/model";
import type { TlsMaterial } from "../client.ts";
import { checkPair, commonNameOf, credentialParts, nameOf } from "./credential-parts.ts";

/** What one of the files that are shown to etcd is; null where `problem` says why it cannot be told, and of a key. */
export type CredentialFinding = {
  readonly part: "ca" | "certificate" | "key";
  /** The file, or that it was given as text. */
  readonly source: string;
  readonly problem: Problem | null;
  /** Its common name. */
  readonly name: string | null;
  /** Milliseconds since the epoch; whether now lies between them is for the reader to say. */
  readonly validFrom: number | null;
  readonly validTo: number | null;
};

/** Looks at CA, certificate and key one by one, so that each can be told of though another is broken. */
export async function examineCredentials(tls: TlsMaterial): Promise<readonly CredentialFinding[]> {
  const [ca, cert, key] = await Promise.allSettled([
    credentialParts.ca(tls),
    credentialParts.cert(tls),
    credentialParts.key(tls),
  ]);
  const pair =
    cert.status === "fulfilled" && key.status === "fulfilled"
      ? problemOfPair(() => checkPair(cert.value.parsed, key.value.parsed, tls))
      : null;
  return [
    { part: "ca", source: nameOf(tls.ca), ...factsOf(ca) },
    { part: "certificate", source: nameOf(tls.cert), ...factsOf(cert) },
    { part: "key", source: nameOf(tls.key), ...NOTHING, problem: failureOf(key) ?? pair },
  ];
}

const NOTHING = { name: null, validFrom: null, validTo: null } as const;

type Certificate = Awaited<ReturnType<typeof credentialParts.cert>>;

function factsOf(read: PromiseSettledResult<Certificate>): Omit<CredentialFinding, "part" | "source"> {
  if (read.status === "rejected") return { ...NOTHING, problem: failureOf(read) };
  const { parsed } = read.value;
  return {
    problem: null,
    name: commonNameOf(parsed),
    validFrom: parsed.validFromDate.getTime(),
    validTo: parsed.validToDate.getTime(),
  };
}

function failureOf(read: PromiseSettledResult<unknown>): Problem | null {
  return read.status === "rejected" ? codedProblem(read.reason) : null;
}

function problemOfPair(check: () => void): Problem | null {
  try {
    check();
    return null;
  } catch (error) {
    return codedProblem(error);
  }
}

/** Anything else is a fault of ours and goes on. */
function codedProblem(error: unknown): Problem {
  if (error instanceof CodedError) return error.problem;
  throw error;
}
