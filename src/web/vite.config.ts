import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The page as static files that work from any host and any subfolder.
export default defineConfig({
  root: here("."),
  base: "./",
  build: {
    outDir: here("../../dist/web"),
    emptyOutDir: true,
    target: "es2022",
  },
});
