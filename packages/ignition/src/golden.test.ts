import { describe, expect, test } from "vitest";
import { etcdMachine } from "./etcd-machine.ts";
import { exampleEtcd, exampleWorker } from "./example-options.ts";
import { renderIgnition } from "./render-ignition.ts";
import { workerMachine } from "./worker-machine.ts";

const machines = { etcd: etcdMachine(exampleEtcd), worker: workerMachine(exampleWorker) };

describe("what was reviewed is what is rendered", () => {
  test.each(["etcd", "worker"] as const)("the config of a machine of role %s", async (role) => {
    await expect(renderIgnition(machines[role])).toMatchFileSnapshot(`golden/${role}-machine.ign`);
  });

  test.each(["quarterdeck-etcd.service", "quarterdeck-engine.service", "quarterdeck-agent.service"])(
    "%s",
    async (name) => {
      const unit = machines.etcd.systemd?.units?.find((candidate) => candidate.name === name);
      await expect(unit?.contents).toMatchFileSnapshot(`golden/${name}`);
    },
  );
});
