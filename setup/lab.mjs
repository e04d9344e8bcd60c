#!/usr/bin/env node
// `npx lab`: hands over to Node 26, which runs apps/lab from its sources.
import { handOver } from "./hand-over.mjs";

await handOver("apps/lab/src/run.ts");
