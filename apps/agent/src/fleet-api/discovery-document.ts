/**
 * Describes the API in Google's discovery format, from which clients are generated.
 * @see https://developers.google.com/discovery/v1/reference/apis, discoveryVersion v1
 */
export function discoveryDocument(): Readonly<Record<string, unknown>> {
  return {
    kind: "discovery#restDescription",
    discoveryVersion: "v1",
    id: "fleet:v1",
    name: "schema",
    version: "v1",
    title: "fleet API",
    description: "",
    documentationLink: "http://github.com/coreos/fleet",
    protocol: "rest",
    icons: { x16: "", x32: "" },
    labels: [],
    // fleet left the place open too: a client knows by which socket or address it came.
    baseUrl: "$ENDPOINT/fleet/v1/",
    basePath: "/fleet/v1/",
    rootUrl: "$ENDPOINT/",
    servicePath: "fleet/v1/",
    batchPath: "batch",
    parameters: {},
    auth: {},
    schemas: Object.fromEntries(
      Object.entries(SCHEMAS).map(([id, properties]) => [id, { id, type: "object", properties }]),
    ),
    resources: {
      Machines: { methods: { List: list("Machine", "machines", []) } },
      Units: {
        methods: {
          List: list("Unit", "units", []),
          Get: { ...item("Unit", "Get", "GET"), description: "Retrieve a single Unit object.", response: ref("Unit") },
          Delete: { ...item("Unit", "Delete", "DELETE"), description: "Delete the referenced Unit object." },
          Set: { ...item("Unit", "Set", "PUT"), description: "Create or update a Unit.", request: ref("Unit") },
        },
      },
      UnitState: {
        methods: {
          Get: {
            ...item("UnitState", "Get", "GET"),
            description: "Retrieve a single UnitState object.",
            path: "state/{unitName}",
            response: ref("UnitState"),
          },
          List: list("UnitState", "state", ["unitName", "machineID"]),
        },
      },
    },
  };
}

const string = { type: "string" };
const target = { type: "string", enum: ["inactive", "loaded", "launched"] };
const ref = (name: string) => ({ $ref: name });
const arrayOf = (name: string) => ({ type: "array", items: ref(name) });

const SCHEMAS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Machine: {
    id: string,
    primaryIP: string,
    metadata: { type: "object", properties: {}, additionalProperties: string },
  },
  MachinePage: { machines: arrayOf("Machine"), nextPageToken: string },
  UnitOption: { section: string, name: string, value: string },
  Unit: {
    name: string,
    options: arrayOf("UnitOption"),
    desiredState: target,
    currentState: target,
    machineID: { ...string, required: true },
  },
  UnitPage: { units: arrayOf("Unit"), nextPageToken: string },
  UnitState: {
    name: string,
    hash: string,
    machineID: string,
    systemdLoadState: string,
    systemdActiveState: string,
    systemdSubState: string,
  },
  UnitStatePage: { states: arrayOf("UnitState"), nextPageToken: string },
};

function list(name: string, path: string, filters: readonly string[]) {
  const query = { type: "string", location: "query" };
  return {
    id: `fleet.${name}.List`,
    description: `Retrieve a page of ${name} objects.`,
    httpMethod: "GET",
    path,
    parameters: Object.fromEntries(["nextPageToken", ...filters].map((parameter) => [parameter, query])),
    response: ref(`${name}Page`),
  };
}

function item(name: string, verb: string, httpMethod: string) {
  return {
    id: `fleet.${name}.${verb}`,
    httpMethod,
    path: "units/{unitName}",
    parameters: { unitName: { type: "string", location: "path", required: true } },
    parameterOrder: ["unitName"],
  };
}
