import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { theLab } from "./lab-handle.ts";
import { awaitAnswer, sendToSlack, typeInSlack } from "./slack.ts";

const REPLICAS = ["web@1.service", "web@2.service", "web@3.service"];

const services = async () =>
  JSON.parse(await theLab.fleetOk("services", "-o", "json")) as {
    service: string;
    version: string;
    running: number;
    healthy: number;
  }[];

/** The image that each machine's web container runs, by Docker's own word. */
async function versionsByDocker(): Promise<readonly string[]> {
  const answers = await Promise.all(
    ["m1", "m2", "m3"].map((name) =>
      theLab.inside(name, "docker", "ps", "--filter", "name=web-", "--format", "{{.ID}} {{.Names}}"),
    ),
  );
  return answers.flatMap(({ stdout }) =>
    stdout
      .trim()
      .split("\n")
      .filter((line) => line !== ""),
  );
}

beforeAll(async () => {
  await theLab.settled();
  const first = await typeInSlack("/fleet deploy web 1.0.0", { waitMs: 120_000 });
  expect(first.exitCode, first.text).toBe(0);
});

afterAll(async () => {
  await theLab.fleet(["deploy", "web", "1.1.0"], { timeoutMs: 120_000 });
});

test("the first deploy runs three healthy containers on three machines", async () => {
  const rows = (await theLab.units()).filter(({ unit }) => REPLICAS.includes(unit));
  expect(rows.map(({ unit, active, health }) => [unit, active, health])).toEqual(
    REPLICAS.map((unit) => [unit, "active", "passing"]),
  );
  expect(new Set(rows.map(({ machine }) => machine)).size).toBe(3);
  expect(await versionsByDocker()).toHaveLength(3);
});

test("deploy web 1.1.0 replaces the containers one by one behind their health check, in one message that ends with a summary", async () => {
  const accepted = await sendToSlack("/fleet deploy web 1.1.0");
  expect(accepted.ackMs).toBeLessThan(300);
  let watching = true;
  const healthySeen: number[] = [];
  const watcher = (async () => {
    while (watching) {
      const rows = (await theLab.units()).filter(({ unit }) => REPLICAS.includes(unit));
      healthySeen.push(rows.filter(({ active, health }) => active === "active" && health === "passing").length);
    }
  })();
  const answer = await awaitAnswer(accepted.id, 180_000);
  watching = false;
  await watcher;
  expect(answer.exitCode, JSON.stringify(answer.responses)).toBe(0);
  expect(Math.min(...healthySeen)).toBe(2);
  expect(answer.responses).toHaveLength(1);
  expect(answer.responses[0]?.edits).toBeGreaterThanOrEqual(2);
  expect(JSON.stringify(answer.responses[0])).toContain("1.1.0");
  expect((await services()).find(({ service }) => service === "web")).toMatchObject({
    version: "1.1.0",
    running: 3,
    healthy: 3,
  });
});

test("deploy web 1.2.0, whose health check fails, stops at the first machine and says why", async () => {
  const broken = await typeInSlack("/fleet deploy web 1.2.0", { waitMs: 180_000 });
  expect(broken.exitCode).toBe(1);
  expect(broken.text).toMatch(/web@\d\.service/);
  expect(broken.text).toMatch(/health|HTTP 50|unhealthy/i);
  const rows = (await theLab.units()).filter(({ unit }) => REPLICAS.includes(unit));
  expect(rows.filter(({ health }) => health === "passing")).toHaveLength(2);
  const again = await theLab.fleet(["deploy", "web", "1.1.0"], { timeoutMs: 180_000 });
  expect(again.code, again.stderr).toBe(0);
});

test("SIGKILL of an agent and its restart leave the containers of its machine as they are", async () => {
  const startedAt = async () => {
    const ids = (await theLab.inside("m1", "docker", "ps", "-q", "--filter", "name=web-")).stdout.trim().split("\n");
    return (await theLab.inside("m1", "docker", "inspect", "--format", "{{.Name}} {{.State.StartedAt}}", ...ids))
      .stdout;
  };
  const agentPid = async () =>
    (await theLab.inside("m1", "systemctl", "show", "-P", "MainPID", "quarterdeck-agent.service")).stdout.trim();
  const [before, pid] = [await startedAt(), await agentPid()];
  expect(before).toMatch(/web-\d \d{4}-/);
  await theLab.inside("m1", "kill", "-9", pid);
  await eventually("a new agent", async () => (["0", pid].includes(await agentPid()) ? undefined : true), {
    withinMs: 20_000,
  });
  await theLab.settled();
  expect(await startedAt()).toBe(before);
});

test("a version that the registry does not have is refused, the known ones are named, and nothing changes", async () => {
  const before = await versionsByDocker();
  const refused = await theLab.fleet(["deploy", "web", "9.9.9"]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("error[VERSION_NOT_FOUND]");
  expect(refused.stderr).toContain("1.1.0");
  expect(await versionsByDocker()).toEqual(before);
});

test("a replica cannot be stopped by hand", async () => {
  const refused = await theLab.fleet(["stop", "web@1.service"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain("error[ENGINE_OWNED]");
  expect(refused.stderr).toContain("try:");
});
