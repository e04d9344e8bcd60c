#!/usr/bin/env node
// `npx fleet`: hands over to Node 26, which runs apps/cli from its sources.
import { handOver } from "./hand-over.mjs";

await handOver("apps/cli/src/run.ts");
