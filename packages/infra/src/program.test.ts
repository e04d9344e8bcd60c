import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { pretendedAws } from "./testing/pretended-aws.ts";
import { runProgram, type GraphNode, type ProgramOutcome, type ProgramRun } from "./testing/tiny-engine.ts";

const main = fileURLToPath(new URL("../index.js", import.meta.url));
const run = (config: Readonly<Record<string, string>> = {}, change: Partial<ProgramRun> = {}) =>
  runProgram({
    main,
    stack: "dev",
    preview: false,
    answer: pretendedAws,
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`quarterdeck:${key}`, value])),
    ...change,
  });
// A limit for what hangs: a run takes two seconds, and many times that on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

// A run takes seconds, and most tests look at the same one.
let byItself: ProgramOutcome;
beforeAll(async () => {
  byItself = await run();
}, 120_000);

const ofType = (graph: readonly GraphNode[], type: string) => graph.filter((node) => node.type.endsWith(`:${type}`));

describe("the program, by Pulumi's own runner", () => {
  test("with nothing configured registers three members in three zones, and twice the identical graph", async () => {
    const first = byItself;
    expect(first.said).toContain("$63.26  a month");
    expect(first.code).toBe(0);
    const groups = ofType(first.graph, "Group").map(({ inputs }) => inputs["availabilityZones"]);
    expect(groups).toEqual([["us-east-1a"], ["us-east-1b"], ["us-east-1c"]]);
    const second = await run();
    expect(second.graph).toEqual(first.graph);
    expect(second.outputs).toEqual(first.outputs);
  });

  test("says its outputs", () => {
    const { outputs } = byItself;
    expect(outputs).toMatchObject({
      cluster: "quarterdeck-dev",
      region: "us-east-1",
      zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
      etcd: { "etcd-a.quarterdeck-dev.internal": "10.78.0.20" },
      operatorRoleArn: null,
    });
    expect(outputs["shell"]).toMatch(/^aws ssm start-session --region us-east-1 /);
  });

  test("protects the disks with data and the bucket, nothing else, and not where that is switched off", async () => {
    const { graph } = byItself;
    const kept = graph.filter(({ protect }) => protect).map(({ type, name }) => `${type} ${name}`);
    expect(kept).toEqual([
      "aws:s3/bucket:Bucket quarterdeck-dev",
      "aws:ebs/volume:Volume quarterdeck-dev-etcd-a",
      "aws:ebs/volume:Volume quarterdeck-dev-etcd-b",
      "aws:ebs/volume:Volume quarterdeck-dev-etcd-c",
    ]);
    const { graph: loose } = await run({ protect: "false" });
    expect(loose.filter(({ protect }) => protect)).toEqual([]);
  });

  test("takes over no newer image by itself, and the one that a person names", async () => {
    const pinned = ofType(byItself.graph, "LaunchTemplate");
    expect(pinned.map(({ ignoreChanges }) => ignoreChanges)).toEqual([["imageId"], ["imageId"], ["imageId"]]);
    const named = ofType((await run({ imageId: "ami-99999999" })).graph, "LaunchTemplate");
    expect(named.map(({ ignoreChanges, inputs }) => [ignoreChanges, inputs["imageId"]])).toEqual([
      [[], "ami-99999999"],
      [[], "ami-99999999"],
      [[], "ami-99999999"],
    ]);
  });

  test("boots no machine before its config, its rights and its way out are there", () => {
    const { graph } = byItself;
    for (const { dependencies } of ofType(graph, "Group")) {
      for (const part of ["RolePolicy", "RouteTableAssociation", "VpcEndpoint", "SecurityGroup"])
        expect(
          dependencies.some((urn) => urn.includes(`:${part}::`)),
          part,
        ).toBe(true);
    }
    for (const { dependencies } of ofType(graph, "LaunchTemplate"))
      expect(dependencies.some((urn) => urn.includes("BucketObjectv2"))).toBe(true);
  });

  test("touches no member when a fourth zone is used, or two members are added", async () => {
    const nodes = ({ graph }: ProgramOutcome) =>
      new Map(
        graph
          .filter(({ name }) => /-etcd-[abc]$/.test(name))
          .map((node) => [node.urn, { type: node.type, ...node.inputs }]),
      );
    const before = [...nodes(byItself)].filter(([, { type }]) => !/launchTemplate|bucketObject/.test(type));
    expect(before.length).toBeGreaterThan(12);
    const grown = nodes(await run({ size: "5" }));
    for (const [urn, inputs] of before) expect(grown.get(urn)).toEqual(inputs);
  });

  test("registers the same resources in a preview, in which nothing is known yet", async () => {
    const urns = ({ graph }: { readonly graph: readonly GraphNode[] }) => graph.map(({ urn }) => urn);
    const preview = await run({}, { preview: true });
    expect(preview.code).toBe(0);
    expect(urns(preview)).toEqual(urns(byItself));
  });

  test("lets no Slack token into what is registered, put out or said", async () => {
    const tokens = { slackBotToken: "xoxb-nowhere-1", slackAppToken: "xapp-nowhere-2" };
    const { code, graph, outputs, said } = await run(tokens);
    expect(code, said).toBe(0);
    expect(JSON.stringify({ graph, outputs, said })).not.toContain("nowhere");
  });

  test("makes no network where one is given", async () => {
    const subnets = ["subnet-0000000a", "subnet-0000000b", "subnet-0000000c"];
    const { code, graph, said } = await run({ vpcId: "vpc-01234567", subnetIds: JSON.stringify(subnets) });
    expect(code, said).toBe(0);
    expect(ofType(graph, "Vpc")).toEqual([]);
    expect(ofType(graph, "NetworkInterface").map(({ inputs }) => inputs["subnetId"])).toEqual(subnets);
  });

  test.each([
    [{ size: "4" }, `size: "4" must be 1, 3, 5 or 7`],
    [{ instnceType: "t3.small" }, "instnceType: there is no such key"],
    [{ zones: `["us-east-1a","us-east-1b","us-east-1d"]` }, "zones: us-east-1d does not offer t3.small"],
    [
      { vpcId: "vpc-99999999", subnetIds: `["subnet-0000000a"]`, size: "1" },
      "belongs to vpc-01234567, not to vpc-99999999",
    ],
  ])("refuses %j in words, without a stack of calls, and registers nothing of AWS", async (config, message) => {
    const { code, said, graph } = await run(config as Record<string, string>);
    expect(said).toContain(`error[INVALID_CONFIG]: `);
    expect(said).toContain(message);
    expect(said).toContain("try: ");
    expect(said).not.toMatch(/^\s+at /m);
    expect(code).not.toBe(0);
    expect(graph.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
  });
});

test("the entry says in one line what to type where Node is too old", () => {
  const old = `Object.defineProperty(process.versions, "node", { value: "22.1.0" }); await import(${JSON.stringify(main)});`;
  const tooOld = spawnSync(process.execPath, ["--input-type=module", "--eval", old], { encoding: "utf8" });
  expect(tooOld.stderr).toBe("Quarterdeck's program needs Node 26, and this is 22.1.0; type: npm run pulumi -- up\n");
  expect(tooOld.status).toBe(1);
});
