import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          // A limit for what hangs, not for what is slow: properties over many runs take their time on a busy machine.
          testTimeout: 30_000,
          // The same for what a test waits for; by itself vitest gives it a second, in which a busy machine has not loaded the code.
          expect: { poll: { timeout: 10_000 } },
          // One more than vitest takes by itself: the tests against etcd wait more than they compute.
          maxWorkers: availableParallelism(),
          include: [
            "{packages,apps}/*/src/**/*.test.ts",
            "{packages,apps}/*/page/**/*.test.ts",
            "tests/fleet-api/src/**/*.test.ts",
            "tests/lab/src/bench/*.test.ts",
            "tests/lab/src/chaos/*.test.ts",
            "setup/**/*.test.ts",
          ],
          exclude: ["**/dist/**", "**/node_modules/**"],
        },
      },
      {
        test: {
          name: "lab",
          include: ["tests/lab/src/*.test.ts", "tests/lab/src/issues/*.test.ts"],
          // One lab, one file after the other: the machines are the shared state under test.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
          globalSetup: ["tests/lab/src/global-setup.ts"],
        },
      },
    ],
  },
});
