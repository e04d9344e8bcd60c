import type { Plugin } from "esbuild";

/**
 * Takes `node:http` by `require`: an `import` of it evaluates all of its exports, `WebSocket` among them, and so loads Node's whole `fetch`, which no
 * daemon of ours uses.
 */
export const requireHttp: Plugin = {
  name: "require-http",
  setup(builder) {
    builder.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === "require-call" ? { path: "http", external: true } : { path: "http", namespace: "require-http" },
    );
    builder.onLoad({ filter: /.*/, namespace: "require-http" }, () => ({
      contents: 'module.exports = require("http");',
    }));
  },
};
