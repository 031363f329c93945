/** Shared by the browser tests: the system's Chromium, and the page built from the present sources. */
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { build } from "vite";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of a Chromium, or null: then the tests are skipped, and say so. */
export const chromiumPath = CANDIDATES.find(existsSync) ?? null;
if (!chromiumPath) console.warn(`browser tests skipped: none of ${CANDIDATES.join(", ")} is there`);

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Builds the page as `npm run build:web` does, but never a stale one, into a new folder. */
export async function buildPage(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), "tritrack-page-"));
  const configFile = fileURLToPath(new URL("../../src/web/page/vite.config.ts", import.meta.url));
  await build({ configFile, logLevel: "error", build: { outDir } });
  return outDir;
}
