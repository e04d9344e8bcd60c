import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { Hono } from "hono";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Nothing from elsewhere, no inline script: what a message holds can at worst be seen. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Serves the built page from memory; its files are named by content, so browsers may keep them. */
export async function pageRoutes(directory: string | undefined): Promise<Hono> {
  const app = new Hono();
  if (directory === undefined)
    return app.get("/", (context) => context.text("The page is not built; try npm start.\n", 404));
  for (const [path, file] of await readAll(directory)) {
    const headers = {
      ...HEADERS,
      "content-type": TYPES[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream",
      "cache-control": path === "/" ? "no-store" : "public, max-age=31536000, immutable",
    };
    app.get(path, (context) => context.body(file, 200, headers));
  }
  return app;
}

async function readAll(directory: string): Promise<readonly (readonly [string, Uint8Array<ArrayBuffer>])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = join(entry.parentPath, entry.name);
        const path = `/${relative(directory, file)}`;
        return [path === "/index.html" ? "/" : path, new Uint8Array(await readFile(file))] as const;
      }),
  );
}
