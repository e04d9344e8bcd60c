import { request } from "node:http";
import { CodedError, problemSchema } from "@quarterdeck/model";
import { z } from "zod";
import type { LabHome } from "./home.ts";

const viewSchema = z.object({
  name: z.string(),
  machine: z.string(),
  ip: z.string(),
  state: z.enum(["booting", "running", "frozen", "cut", "off"]),
  pid: z.int().nullable(),
});
const machinesSchema = z.array(viewSchema);
const failureSchema = z.object({ problem: problemSchema });

export type ListedMachine = z.infer<typeof viewSchema>;

/** Asks the running lab of a home. @throws {CodedError} LAB_NOT_RUNNING; or the problem that the lab answered with */
export type ControlClient = {
  machines(): Promise<readonly ListedMachine[]>;
  add(): Promise<ListedMachine>;
  healAll(): Promise<void>;
  act(name: string, verb: string, body: Readonly<Record<string, unknown>>): Promise<void>;
};

export function createControlClient(home: LabHome): ControlClient {
  const ask = (method: string, path: string, body?: unknown): Promise<unknown> =>
    call(home.controlSocket, { method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return {
    machines: async () => machinesSchema.parse(await ask("GET", "/machines")),
    add: async () => viewSchema.parse(await ask("POST", "/machines")),
    healAll: async () => void (await ask("POST", "/heal")),
    act: async (name, verb, body) => void (await ask("POST", `/machines/${encodeURIComponent(name)}/${verb}`, body)),
  };
}

type Call = { readonly method: string; readonly path: string; readonly body?: string };

function call(socketPath: string, { method, path, body }: Call): Promise<unknown> {
  return new Promise((done, fail) => {
    const outgoing = request(
      {
        socketPath,
        method,
        path,
        headers: { host: "lab", "content-type": "application/json", "content-length": Buffer.byteLength(body ?? "") },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", (error) => fail(notRunning(error)));
        response.on("end", () => {
          const answer: unknown = JSON.parse(Buffer.concat(chunks).toString() || "null");
          if (response.statusCode === 200) return done(answer);
          const failure = failureSchema.safeParse(answer);
          fail(
            failure.success
              ? new CodedError(failure.data.problem.code, withoutUndefined(failure.data.problem))
              : notRunning(null),
          );
        });
      },
    );
    outgoing.on("error", (error) => fail(notRunning(error)));
    outgoing.end(body ?? "");
  });
}

function withoutUndefined(problem: z.infer<typeof problemSchema>) {
  const { message, why, whoCanFix } = problem;
  return {
    message,
    ...(why === undefined ? {} : { why }),
    ...(whoCanFix === undefined ? {} : { whoCanFix }),
    ...(problem.try === undefined ? {} : { try: problem.try }),
  };
}

function notRunning(cause: unknown): CodedError {
  return new CodedError(
    "LAB_NOT_RUNNING",
    {
      message: "no lab runs here",
      why: "its control socket does not answer",
      try: "npm start (and the same QUARTERDECK_HOME here and there)",
    },
    { cause },
  );
}
