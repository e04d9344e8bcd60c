#!/usr/bin/env node
// `npx fleet`: hands over to Node 26, which runs apps/cli from its sources.
import { homedir } from "node:os";
import { join } from "node:path";
import { handOver } from "./hand-over.mjs";

const home = process.env.QUARTERDECK_HOME || join(homedir(), ".local/share/quarterdeck");

// Reading the sources is most of what a short verb costs; Node keeps them compiled there, by their content.
await handOver("apps/cli/src/run.ts", { NODE_COMPILE_CACHE: join(home, "cache/compiled") });
