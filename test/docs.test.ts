/** The code that the documents show runs, as it stands there: the package's names stand for its sources. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(import.meta.dirname, "docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SOURCES: Record<string, string> = {
  tritrack: "src/index.ts",
  "tritrack/search": "src/search/index.ts",
  "tritrack/search/node": "src/search/node.ts",
};

/** Runs a document's only TypeScript example. @returns the text that it prints */
function run(document: string): string {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, document), "utf8"))!;
  const file = join(folder, "example.ts");
  writeFileSync(
    file,
    code.replace(/from "(tritrack[^"]*)"/g, (_, name: string) => `from "${join(ROOT, SOURCES[name])}"`),
  );
  return execFileSync(process.execPath, ["--import", "tsx", file], { cwd: ROOT, encoding: "utf8" });
}

test("README: an episode", () => {
  expect(run("README.md")).toBe("");
});

test("docs/search.md: annealing raises a random network's accuracy, on digits it did not see too", () => {
  const [searched, validation] = run("docs/search.md").trim().split("\n").map(Number);
  expect(searched).toBeGreaterThan(0.5);
  expect(validation).toBeGreaterThan(0.5);
});
