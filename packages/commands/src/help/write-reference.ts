import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { renderReference } from "./render-reference.ts";

await writeFile(fileURLToPath(new URL("../../../../docs/reference/cli.md", import.meta.url)), renderReference());
