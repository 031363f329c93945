// Builds the page as static files that work from any host and any subfolder.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Writes the service worker with the names of the files that it keeps. Networks are kept as they are used. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
      const digest = createHash("sha256").update(files.sort().join()).digest("hex").slice(0, 12);
      const source = readFileSync(here("./app/service-worker.js"), "utf8")
        .replace("const FILES = []", `const FILES = ${JSON.stringify(files)}`)
        .replace("DIGEST", digest);
      this.emitFile({ type: "asset", fileName: "service-worker.js", source });
    },
  };
}

export default defineConfig({
  root: here("."),
  base: "./",
  publicDir: here("./public"),
  plugins: [serviceWorker()],
  // The page offers exact physics only; the other engine would be a megabyte that nothing loads.
  resolve: { alias: { "box2d-wasm": here("./run/no-box2d.ts") } },
  worker: { format: "es" },
  build: {
    outDir: here("../../../dist/web"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
  },
});
