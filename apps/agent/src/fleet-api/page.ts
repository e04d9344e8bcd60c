import { refuse, succeed, type Result } from "@quarterdeck/model";

/** Most entries of one page; fleet's `token_limit`. */
const PAGE_SIZE = 100;

/** The page that a query asks for, from 1; the refusal is fleet's message. */
export function parsePage(query: URLSearchParams): Result<number, string> {
  const tokens = query.getAll("nextPageToken");
  if (tokens.length > 1) return refuse("too many values for page token");
  const [token] = tokens;
  if (token === undefined) return succeed(1);
  if (!/^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?$/.test(token))
    return refuse("illegal base64 data in page token");
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length < 4) return refuse("page token too short");
  if (bytes.readUInt16LE(0) !== PAGE_SIZE) return refuse(`token limit must be ${PAGE_SIZE}`);
  const page = bytes.readUInt16LE(2);
  return page === 0 ? refuse("token page must be greater than zero") : succeed(page);
}

/**
 * One page of a list under its name, as fleet sent it: the list is left out where it is empty, and a full page promises another one even when it
 * was the last.
 */
export function pageOf(name: string, all: readonly unknown[], page: number): Readonly<Record<string, unknown>> {
  const items = all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  return {
    ...(items.length === 0 ? {} : { [name]: items }),
    ...(page * PAGE_SIZE > all.length || page === LAST_PAGE ? {} : { nextPageToken: tokenOf(page + 1) }),
  };
}

const LAST_PAGE = 0xffff;

/** Two little-endian numbers of 16 bits, in URL-safe base64 with its padding. */
function tokenOf(page: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(PAGE_SIZE, 0);
  bytes.writeUInt16LE(page, 2);
  return `${bytes.toString("base64url")}==`;
}
