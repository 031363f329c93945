/** The command `tritrack drive` itself: it prints where the page is, serves until it is told to stop, and ends well. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
let base: string;
let command: ChildProcess | null = null;

beforeAll(async () => {
  if (!existsSync(join(root, "dist/web/index.html")))
    await build({ configFile: join(root, "src/web/page/vite.config.ts"), logLevel: "error" });
});
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "tritrack-command-"));
});
afterEach(() => {
  command?.kill("SIGKILL");
  rmSync(base, { recursive: true });
});

interface Run {
  /** Resolves with stdout when its first line is there or the command has ended. */
  printed: Promise<string>;
  ended: Promise<{ code: number | null; stderr: string }>;
}

function drive(...options: string[]): Run {
  const started = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", "drive", ...options], {
    cwd: root,
  });
  command = started;
  let stdout = "";
  let stderr = "";
  started.stderr.on("data", (data) => (stderr += data));
  return {
    printed: new Promise((done) => {
      started.stdout.on("data", (data) => (stdout += data).includes("\n") && done(stdout));
      started.on("close", () => done(stdout));
    }),
    ended: new Promise((done) => started.on("close", (code) => done({ code, stderr }))),
  };
}

test("serves the page and the folder until Ctrl-C", async () => {
  const folder = join(base, "recordings");
  const run = drive("--no-open", "--port", "0", "--json", "--out", folder);
  const { url, folder: printed } = JSON.parse(await run.printed);
  expect(printed).toBe(folder);
  expect(await (await fetch(url)).text()).toContain("<title>tritrack");
  expect(await (await fetch(`${url}api/recordings`)).json()).toEqual({ folder, recordings: [] });
  command!.kill("SIGINT");
  expect(await run.ended).toEqual({ code: 0, stderr: "" });
});

test("a folder that cannot be made is told in one line", async () => {
  const file = join(base, "file");
  writeFileSync(file, "");
  const { code, stderr } = await drive("--no-open", "--port", "0", "--out", join(file, "recordings")).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tritrack drive: cannot make the folder of recordings: .*\n$/);
});
