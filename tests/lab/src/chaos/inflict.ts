import type { LabHandle } from "../create-lab-handle.ts";
import type { Fault } from "./fault.ts";

/** Undoes a fault; resolves when the lab has done so, not when the cluster is well again. */
export type Undo = () => Promise<void>;

const nothing: Undo = async () => {};

/** Brings a fault about with the lab's own controls. @throws Error when the lab refuses */
export async function inflict(lab: LabHandle, { kind, machine, other }: Fault): Promise<Undo> {
  const doing = async (...words: readonly string[]): Promise<void> => void (await lab.labOk(...words));
  switch (kind) {
    case "kill":
    case "power-off":
      await doing(kind, machine);
      return () => doing("boot", machine);
    case "reboot":
      await doing("reboot", machine);
      return nothing;
    case "freeze":
      await doing("freeze", machine);
      return () => doing("thaw", machine);
    case "cut":
      await doing("cut", machine);
      return () => doing("heal", machine);
    case "cut-from":
      await doing("cut", machine, "--from", other ?? "");
      return () => doing("heal", machine);
    case "slow":
      await doing("slow", machine, "--loss", "5%");
      return () => doing("heal", machine);
    case "split":
      await doing("cut", machine);
      await doing("cut", other ?? "");
      return () => doing("heal");
    case "kill-agent":
    case "kill-engine":
    case "kill-etcd":
      await killService(lab, machine, `quarterdeck-${kind.slice("kill-".length)}.service`);
      return nothing;
  }
}

async function killService(lab: LabHandle, machine: string, service: string): Promise<void> {
  const { stdout } = await lab.inside(machine, "systemctl", "kill", "-s", "KILL", "--kill-who=main", "--", service);
  if (stdout !== "") throw new Error(`systemctl kill ${service} on ${machine} said: ${stdout}`);
}
