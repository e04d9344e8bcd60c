import { failure, type Answer } from "./answer.ts";
import { discoveryDocument } from "./discovery-document.ts";
import { listMachines, patchMachines } from "./machines-resource.ts";
import type { FleetApi, FleetRequest } from "./ports.ts";
import { getState, listStates } from "./states-resource.ts";
import { deleteUnit, getUnit, listUnits, putUnit } from "./units-resource.ts";

const PREFIXES = ["/fleet/v1", "/v1-alpha"] as const;

/** Answers one request of fleet's API v1. Throws what the cluster throws. */
export async function routeRequest(api: FleetApi, request: FleetRequest, signal: AbortSignal): Promise<Answer> {
  const [rawPath = "", ...rest] = request.url.split("?");
  const path = decodePath(rawPath);
  if (path === null) return failure(400);
  const query = new URLSearchParams(rest.join("?"));
  if (path === "/metrics") return { status: 200, ...(await api.metrics()) };
  if (path === "/" || PREFIXES.some((prefix) => path === prefix)) return failure(405);
  const prefix = PREFIXES.find((one) => path.startsWith(`${one}/`));
  const [resource, item, ...more] = prefix === undefined ? [] : path.slice(prefix.length + 1).split("/");
  // An empty item is a path that ends in a slash, which names nothing.
  if (item === "" || more.length > 0) return failure(404);
  switch (resource) {
    case "units":
      return routeUnits(api, { request, item, query }, signal);
    case "state":
      return routeState(api, { request, item, query }, signal);
    case "machines":
      return item === undefined ? routeMachines(api, { request, item, query }, signal) : failure(404);
    case "discovery":
      if (item !== undefined) return failure(404);
      if (request.method !== "GET") return failure(400, "only HTTP GET supported against this resource");
      return { status: 200, body: discoveryDocument() };
    default:
      return failure(404);
  }
}

type Target = {
  readonly request: FleetRequest;
  /** `undefined` for the collection. */
  readonly item: string | undefined;
  readonly query: URLSearchParams;
};

async function routeUnits(api: FleetApi, { request, item, query }: Target, signal: AbortSignal): Promise<Answer> {
  const { method, contentTypes, body } = request;
  const units = async () => ({ cluster: await api.cluster(signal), stops: api.stops });
  if (item === undefined)
    return method === "GET"
      ? listUnits(await units(), query, signal)
      : failure(405, "only GET supported against this resource");
  switch (method) {
    case "GET":
      return getUnit(await units(), item, signal);
    case "DELETE":
      return deleteUnit(await units(), item, signal);
    case "PUT":
      return putUnit(await units(), { item, contentTypes, body }, signal);
    default:
      return failure(405, "only GET, PUT and DELETE supported against this resource");
  }
}

async function routeState(api: FleetApi, { request, item, query }: Target, signal: AbortSignal): Promise<Answer> {
  if (request.method !== "GET") return failure(405, "only GET supported against this resource");
  const cluster = await api.cluster(signal);
  return item === undefined ? listStates(cluster, query, signal) : getState(cluster, item, signal);
}

async function routeMachines(api: FleetApi, { request, query }: Target, signal: AbortSignal): Promise<Answer> {
  switch (request.method) {
    case "GET":
      return listMachines(await api.cluster(signal), query, signal);
    case "PATCH":
      return patchMachines(() => api.cluster(signal), request.body, signal);
    default:
      return failure(405, "only GET and PATCH supported against this resource");
  }
}

/** `null` for escapes that are no text. */
function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
