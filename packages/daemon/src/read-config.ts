import { readFile } from "node:fs/promises";
import { CodedError, machineIdSchema, parseConfig, type Config, type MachineId } from "@quarterdeck/model";

export const DEFAULT_CONFIG_PATH = "/etc/quarterdeck/quarterdeck.toml";

/**
 * The config of this machine; `QUARTERDECK_CONFIG` names another file, `QUARTERDECK_<SECTION>_<KEY>` overrides a value.
 * @throws {CodedError} INVALID_CONFIG
 */
export async function readConfig(
  path: string = process.env["QUARTERDECK_CONFIG"] ?? DEFAULT_CONFIG_PATH,
): Promise<Config> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new CodedError(
      "INVALID_CONFIG",
      { message: `cannot read ${path}`, try: "set QUARTERDECK_CONFIG to the path of quarterdeck.toml" },
      { cause: error },
    );
  }
  const parsed = parseConfig(text, process.env);
  if (!parsed.ok) {
    const { code, ...fields } = parsed.error;
    throw new CodedError(code, fields);
  }
  return parsed.value;
}

/**
 * This machine's id, from `/etc/machine-id` unless `QUARTERDECK_MACHINE_ID` is set.
 * @throws {CodedError} INVALID_CONFIG when the file holds no id, as before the first boot is over.
 * @see machine-id(5)
 */
export async function readMachineId(): Promise<MachineId> {
  const text = process.env["QUARTERDECK_MACHINE_ID"] ?? (await readFile("/etc/machine-id", "utf8")).trim();
  const parsed = machineIdSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CodedError("INVALID_CONFIG", {
    message: `${JSON.stringify(text)} is not a machine id`,
    try: "systemd-machine-id-setup",
  });
}
