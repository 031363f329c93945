import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The page as static files that work from any host and any subfolder.
export default defineConfig({
  root: here("."),
  base: "./",
  // The page drives on exact physics; the other engine would be a megabyte that nothing loads.
  resolve: { alias: { "box2d-wasm": here("./run/no-box2d.ts") } },
  build: {
    outDir: here("../../../dist/web"),
    emptyOutDir: true,
    target: "es2022",
  },
});
