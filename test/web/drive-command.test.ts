/** Tests the command `tritrack drive`: it prints the page's address, serves until it is stopped, and ends cleanly. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { formatEpisode } from "../../recordings/episode.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const recording = formatEpisode({
  tritrack: "0.1.0",
  environment: { id: "CarRacing-v3", kwargs: {}, maxEpisodeSteps: 1000 },
  seed: 7,
  options: {},
  driver: { kind: "human", name: "human" },
  form: { type: "float32", size: 3 },
  actions: Float32Array.of(0, 1, 0, -1, 0.5, 0),
  rewards: Float64Array.of(6.9, -0.1),
  end: "terminated",
  frameSha256: "0".repeat(64),
});

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
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
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
    ended: new Promise((done) => started.on("close", (code) => done({ code, stdout, stderr }))),
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
  expect(await run.ended).toMatchObject({ code: 0, stderr: "" });
});

test("Ctrl-C prints the recordings and the command that learns from them", async () => {
  const folder = join(base, "recordings");
  mkdirSync(folder);
  writeFileSync(join(folder, "earlier.episode.json"), recording);
  const run = drive("--no-open", "--port", "0", "--out", folder);
  const [, url] = /^Drive at (\S+)\n/.exec(await run.printed)!;
  await fetch(`${url}api/recordings/now`, { method: "PUT", body: recording });
  command!.kill("SIGINT");
  const { code, stdout } = await run.ended;
  expect(code).toBe(0);
  expect(stdout.split("\n").slice(-5)).toEqual([
    "",
    "Recorded now: 1 recording, 1 lap, 0.0 minutes.",
    `In ${folder}: 2 recordings, 2 laps, 0.0 minutes.`,
    `Train a network on them: npx tritrack train car --demos ${folder} --out mine.safetensors`,
    "",
  ]);
});

test("for other machines the printed address has the token, and a malformed origin is refused", async () => {
  const folder = join(base, "recordings");
  const run = drive("--no-open", "--port", "0", "--host", "0.0.0.0", "--out", folder);
  expect(await run.printed).toMatch(/^Drive at http:\/\/localhost:\d+\/\?token=[\w-]{22}\n/);
  command!.kill("SIGINT");
  expect((await run.ended).code).toBe(0);
  const { code, stderr } = await drive("--no-open", "--port", "0", "--origin", "nowhere").ended;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'tritrack drive: --origin: expected an origin such as https://example.org, got "nowhere"\n',
  });
});

test("a port that is taken leaves no folder behind", async () => {
  const run = drive("--no-open", "--port", "0", "--json", "--out", join(base, "first"));
  const { port } = new URL(JSON.parse(await run.printed).url);
  const first = command!;
  const { code, stderr } = await drive("--no-open", "--port", port, "--out", join(base, "second")).ended;
  first.kill("SIGKILL");
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `tritrack drive: cannot listen on 127.0.0.1 port ${port}: the port is taken\n`,
  });
  expect(existsSync(join(base, "second"))).toBe(false);
});

test("a folder that cannot be made is an error of one line", async () => {
  const file = join(base, "file");
  writeFileSync(file, "");
  const { code, stderr } = await drive("--no-open", "--port", "0", "--out", join(file, "recordings")).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^tritrack drive: cannot make the folder of recordings: .*\n$/);
});
