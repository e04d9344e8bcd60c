import { build } from "vite";

const [root, outDir] = process.argv.slice(2);

/** Bundles the page; a script of its own, started by build-page.ts with the folder of the sources and that of the result. */
await build({
  root: root ?? "",
  configFile: false,
  logLevel: "error",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { outDir: outDir ?? "", emptyOutDir: true, target: "es2024", modulePreload: { polyfill: false } },
});
