import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import resourceRpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resourceProto from "@pulumi/pulumi/proto/resource_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import structProto, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";

type Json = Readonly<Record<string, JavaScriptValue>>;

/** A resource as the language runtime registered it. */
export interface GraphNode {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly inputs: Json;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  /** URNs, sorted. */
  readonly dependencies: readonly string[];
}

/** What a program is run with. */
export interface ProgramRun {
  /** The file that `Pulumi.yaml` names as `main`. */
  readonly main: string;
  readonly stack: string;
  /** With the namespace: `quarterdeck:size`. */
  readonly config: Readonly<Record<string, string>>;
  readonly preview: boolean;
  /** What AWS says, by a data source's token. */
  answer(token: string, inputs: Json): Json;
  /** The Node to run it with; this one by itself. */
  readonly node?: string;
}

/** How a run ended. */
export interface ProgramOutcome {
  readonly code: number | null;
  /** In order of their URNs, as an engine would compare them. */
  readonly graph: readonly GraphNode[];
  readonly outputs: Json;
  /** What the program logged, then what it wrote. */
  readonly said: string;
}

const require = createRequire(import.meta.url);
const RUNNER = join(dirname(require.resolve("@pulumi/pulumi/package.json")), "cmd/run");

/**
 * Runs a Pulumi program as the CLI does, by the runtime's own runner, against an engine of our own that notes what is registered and makes
 * nothing. Ids are `<name>-id`, not known in a preview.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramOutcome> {
  const engine = new TinyEngine(run);
  const address = await engine.listen();
  const argv = ["--monitor", address, "--engine", address, "--project", "quarterdeck", "--stack", run.stack];
  const flags = [...argv, "--pwd", dirname(run.main), ...(run.preview ? ["--dry-run"] : []), run.main];
  const child = spawn(run.node ?? process.execPath, [RUNNER, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    // A program that the engine leaves without an answer would wait for ever.
    timeout: 60_000,
    killSignal: "SIGKILL",
    env: { PATH: process.env["PATH"], PULUMI_NODEJS_TYPESCRIPT: "false", PULUMI_CONFIG: JSON.stringify(run.config) },
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (written += chunk.toString()));
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, ...engine.seen(), said: [...engine.logs, written].join("\n") };
  } finally {
    engine.stop();
  }
}

class TinyEngine {
  readonly logs: string[] = [];
  readonly #run: ProgramRun;
  readonly #server = new Server();
  readonly #nodes = new Map<string, GraphNode>();
  #root = "";
  #outputs: Json = {};

  constructor(run: ProgramRun) {
    this.#run = run;
    this.#server.addService(resourceRpc.ResourceMonitorService, {
      supportsFeature: reply(() => new resourceProto.SupportsFeatureResponse().setHassupport(true)),
      registerResource: reply((request: InstanceType<typeof resourceProto.RegisterResourceRequest>) =>
        this.#register(request),
      ),
      registerResourceOutputs: reply((request: InstanceType<typeof resourceProto.RegisterResourceOutputsRequest>) => {
        if (request.getUrn().includes("pulumi:pulumi:Stack")) this.#outputs = jsonOf(request.getOutputs());
        return new emptyProto.Empty();
      }),
      invoke: reply((request: InstanceType<typeof resourceProto.ResourceInvokeRequest>) => this.#invoke(request)),
      signalAndWaitForShutdown: reply(() => new emptyProto.Empty()),
    });
    this.#server.addService(engineRpc.EngineService, {
      log: reply((request: InstanceType<typeof engineProto.LogRequest>) => {
        if (request.getSeverity() > engineProto.LogSeverity.DEBUG) this.logs.push(request.getMessage());
        return new emptyProto.Empty();
      }),
      getRootResource: reply(() => new engineProto.GetRootResourceResponse().setUrn(this.#root)),
      setRootResource: reply((request: InstanceType<typeof engineProto.SetRootResourceRequest>) => {
        this.#root = request.getUrn();
        return new engineProto.SetRootResourceResponse();
      }),
    });
  }

  async listen(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
    return `127.0.0.1:${await promise}`;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  seen() {
    const graph = [...this.#nodes.values()].toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
    return { graph, outputs: this.#outputs };
  }

  #register(request: InstanceType<typeof resourceProto.RegisterResourceRequest>) {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const above = parent === "" || parent.includes("pulumi:pulumi:Stack") ? "" : `${parent.split("::")[2] ?? ""}$`;
    const urn = `urn:pulumi:${this.#run.stack}::quarterdeck::${above}${type}::${name}`;
    if (this.#nodes.has(urn)) throw new Error(`${urn} is registered twice`);
    const inputs = jsonOf(request.getObject());
    this.#nodes.set(urn, {
      urn,
      type,
      name,
      parent,
      inputs,
      protect: request.getProtect() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
      dependencies: request.getDependenciesList().toSorted(),
    });
    const made = request.getCustom() && !this.#run.preview;
    const response = new resourceProto.RegisterResourceResponse().setUrn(urn).setId(made ? `${name}-id` : "");
    return response.setObject(structProto.Struct.fromJavaScript({ ...inputs, ...(made ? invented(name) : {}) }));
  }

  #invoke(request: InstanceType<typeof resourceProto.ResourceInvokeRequest>) {
    const answer = this.#run.answer(request.getTok(), jsonOf(request.getArgs()));
    return new resourceProto.ResourceInvokeResponse().setReturn(structProto.Struct.fromJavaScript({ ...answer }));
  }
}

/** What AWS would make up. */
const invented = (name: string): Json => ({
  arn: `arn:aws:test:::${name}`,
  privateIp: "10.78.0.20",
  latestVersion: 1,
  zoneId: `${name}-zone`,
  primaryNetworkInterfaceId: `${name}-eni`,
});

const jsonOf = (struct: InstanceType<typeof structProto.Struct> | undefined): Json => struct?.toJavaScript() ?? {};

function reply<Request, Response>(handle: (request: Request) => Response) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    try {
      callback(null, handle(call.request));
    } catch (error) {
      callback({ code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) });
    }
  };
}
