import { describe, expect, test } from "vitest";
import { planEgress, type EgressWish } from "../network/plan-egress.ts";
import { planSubnets } from "../network/plan-subnets.ts";
import { recordResources } from "../testing/record-resources.ts";
import { Network } from "./network.ts";

const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
const vpcCidr = "10.78.0.0/16";

/** Makes a network and returns what it asked for. */
async function made(wish: Partial<EgressWish>, preview = false) {
  const recorded = await recordResources(preview);
  const subnets = planSubnets(vpcCidr, zones);
  const egress = planEgress({
    nat: "none",
    publicAddresses: true,
    interfaceEndpoints: [],
    imageMirror: "",
    zones,
    ...wish,
  });
  if (!subnets.ok || !egress.ok) throw new Error("the plan was refused");
  const network = new Network("prod", {
    cluster: "prod",
    region: "us-east-1",
    vpcCidr,
    subnets: subnets.value,
    egress: egress.value,
    natImage: { imageId: "ami-1", architecture: "x86_64" },
  });
  return { network, recorded };
}

const cidrs = (subnets: readonly { readonly inputs: Readonly<Record<string, unknown>> }[]) =>
  subnets.map(({ inputs }) => `${String(inputs["availabilityZone"])} ${String(inputs["cidrBlock"])}`);

describe("an own network", () => {
  test("by default is public subnets, one internet gateway and S3's endpoint, and nothing that is paid for by the hour", async () => {
    const { network, recorded } = await made({});
    expect(await recorded.counts()).toEqual({
      "quarterdeck:aws:Network": 1,
      "aws:ec2/vpc:Vpc": 1,
      "aws:ec2/internetGateway:InternetGateway": 1,
      "aws:ec2/routeTable:RouteTable": 1,
      "aws:ec2/subnet:Subnet": 3,
      "aws:ec2/routeTableAssociation:RouteTableAssociation": 3,
      "aws:ec2/vpcEndpoint:VpcEndpoint": 1,
    });
    expect(cidrs(await recorded.of("ec2/subnet"))).toEqual([
      "us-east-1a 10.78.0.0/20",
      "us-east-1b 10.78.32.0/20",
      "us-east-1c 10.78.64.0/20",
    ]);
    expect([...network.subnets.keys()]).toEqual(zones);
    expect((await recorded.one("ec2/vpcEndpoint")).inputs).toMatchObject({
      serviceName: "com.amazonaws.us-east-1.s3",
      vpcEndpointType: "Gateway",
      routeTableIds: ["prod-public-id"],
    });
  });

  test("with one NAT sends every private zone through it, and only its own zone has a public subnet", async () => {
    const { recorded } = await made({ publicAddresses: false, nat: "single" });
    expect((await recorded.of("ec2/natGateway")).map(({ name }) => name)).toEqual(["prod-nat-a"]);
    expect((await recorded.of("ec2/subnet")).map(({ name }) => name)).toEqual([
      "prod-private-a",
      "prod-private-b",
      "prod-private-c",
      "prod-public-a",
    ]);
    const tables = await recorded.of("ec2/routeTable");
    const routes = tables.filter(({ name }) => name.includes("private")).map(({ inputs }) => inputs["routes"]);
    expect(routes).toEqual(zones.map(() => [{ cidrBlock: "0.0.0.0/0", natGatewayId: "prod-nat-a-id" }]));
  });

  test("with a NAT in each zone lets no zone depend on another", async () => {
    const { recorded } = await made({ publicAddresses: false, nat: "per-zone" });
    const tables = await recorded.of("ec2/routeTable");
    expect(tables.filter(({ name }) => name.includes("private")).map(({ inputs }) => inputs["routes"])).toEqual(
      ["a", "b", "c"].map((letter) => [{ cidrBlock: "0.0.0.0/0", natGatewayId: `prod-nat-${letter}-id` }]),
    );
  });

  test("with a NAT instance routes to its interface, and it forwards, by IMDSv2 and an encrypted disk", async () => {
    const { recorded } = await made({ publicAddresses: false, nat: "instance" });
    const instance = await recorded.one("ec2/instance");
    expect(instance.inputs).toMatchObject({
      instanceType: "t3.nano",
      sourceDestCheck: false,
      metadataOptions: { httpTokens: "required" },
      rootBlockDevice: { encrypted: true },
    });
    expect(String(instance.inputs["userData"])).toContain("MASQUERADE");
    const [table] = (await recorded.of("ec2/routeTable")).filter(({ name }) => name.includes("private"));
    expect(table?.inputs["routes"]).toEqual([{ cidrBlock: "0.0.0.0/0", networkInterfaceId: "prod-nat-a-eni" }]);
  });

  test("without any way out has no internet gateway, and each endpoint in every zone behind a group of its own", async () => {
    const interfaceEndpoints = ["autoscaling", "ec2", "kms", "secretsmanager", "sts"] as const;
    const { recorded } = await made({ publicAddresses: false, interfaceEndpoints, imageMirror: "mirror:5000" });
    expect(await recorded.of("ec2/internetGateway")).toEqual([]);
    const endpoints = (await recorded.of("ec2/vpcEndpoint")).filter(
      ({ inputs }) => inputs["vpcEndpointType"] === "Interface",
    );
    expect(endpoints.map(({ inputs }) => inputs["serviceName"])).toEqual(
      interfaceEndpoints.map((service) => `com.amazonaws.us-east-1.${service}`),
    );
    for (const { inputs } of endpoints) {
      expect(inputs["subnetIds"]).toHaveLength(3);
      expect(inputs["securityGroupIds"]).toEqual(["prod-endpoints-id"]);
    }
  });

  test.each([[{}], [{ publicAddresses: false, nat: "instance" } as const]])(
    "asks for the same things in a preview, in which no id is known: %j",
    async (wish) => {
      const real = await (await made(wish)).recorded.counts();
      expect(await (await made(wish, true)).recorded.counts()).toEqual(real);
    },
  );
});
