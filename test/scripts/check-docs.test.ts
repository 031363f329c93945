/** The docstring check of `npm run lint`: it names every public symbol without one, and nothing else. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "tritrack-docs-"));
afterAll(() => rmSync(root, { recursive: true }));

const SOURCES: Record<string, string> = {
  "package.json":
    '{ "exports": { ".": { "types": "./dist/src/index.d.ts" }, "./package.json": "./package.json" } }',
  "tsconfig.json":
    '{ "compilerOptions": { "module": "NodeNext", "strict": true, "allowImportingTsExtensions": true, "noEmit": true }, "include": ["src"] }',
  "src/index.ts": `export { type Car, drive, LIMIT, Racer, type Shape, type Told } from "./cars.ts";
export * from "./base.ts";
`,
  "src/base.ts": `/** Has wheels. */
export interface Wheels {
  /** How many. */
  count: number;
  turn(): void;
}
`,
  "src/cars.ts": `import type { Wheels } from "./base.ts";

/** A car. */
export interface Car {
  /** Its name. */
  name: string;
  speed: number;
}

export function drive(car: Car): void {}

export const LIMIT = 50;

/** A racer. */
export class Racer implements Wheels {
  count = 4;
  #secret = 1;
  private hidden = 2;
  /** How fast. */ pace = this.#secret + this.hidden;
  static made = 0;
  turn(): void {}
  race(): void {}
}

/** A shape. */
export type Shape = { side: number } | { radius: number };

/** @see Car */
export type Told = Car;

export interface Unreached {
  field: number;
}
`,
};
for (const [name, text] of Object.entries(SOURCES)) {
  mkdirSync(join(root, "src"), { recursive: true });
  writeFileSync(join(root, name), text);
}

function check(...only: string[]) {
  const script = join(import.meta.dirname, "../../scripts/check-docs.ts");
  const args = ["--import", "tsx", script, "--root", root, ...only.map((path) => join(root, path))];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return { status, lines: stdout.trim().split("\n"), stderr: stderr.trim() };
}

test("names each public symbol and member without a docstring, by file and line", () => {
  expect(check()).toEqual({
    status: 1,
    lines: [
      "src/base.ts:5 Wheels.turn",
      "src/cars.ts:7 Car.speed",
      "src/cars.ts:10 drive",
      "src/cars.ts:12 LIMIT",
      "src/cars.ts:20 Racer.made",
      "src/cars.ts:21 Racer.turn",
      "src/cars.ts:22 Racer.race",
    ],
    stderr: "docstrings: expected one for every exported symbol and member, got 7 without",
  });
});

test("passes where every symbol of the files asked for has one", () => {
  writeFileSync(
    join(root, "src/base.ts"),
    SOURCES["src/base.ts"].replace("  turn", "  /** Turns. */\n  turn"),
  );
  expect(check("src/base.ts")).toEqual({ status: 0, lines: [""], stderr: "" });
  // An implementation needs none where the interface has one.
  expect(check("src").lines).not.toContain("src/cars.ts:21 Racer.turn");
});
