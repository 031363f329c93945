/**
 * Kills commands at random moments, runs them again and compares the files at the end with those of a run that nobody
 * killed: byte for byte, and none more. The commands run as built (`npm run build`).
 *
 *     npm run kills -- [--kills 40] [--seed 1] [--only demos,render,paper,train,search]
 *
 * Moments are drawn from the seed, evenly over the duration of the undisturbed run, and the commands take turns. Only
 * durations differ from run to run: the `seconds` that files name are not compared. Ends with code 1 if any file differs.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "../env/random.ts";

/** A command that writes into its working folder. */
interface Case {
  name: string;
  /** The command line. */
  line: string;
  /** Options that the second run adds to the line. Default: none */
  again?: string;
}

const CASES: readonly Case[] = [
  { name: "demos", line: "demos --driver teacher --noise 0.2 --seed 40 --episodes 4 --out demos" },
  { name: "render", line: "render random --seed 3 --scale 0.5 --out lap.mp4" },
  { name: "paper", line: "paper --quick --only fig1,supplement --out paper" },
  {
    name: "train",
    line: "train mnist --images 4000 --epochs 2 --seed 1 --out mnist.safetensors",
    again: "--resume",
  },
  {
    name: "search",
    line: "search zoo:mnist-90 --rule paper --layers fc --images 512 --rounds 4 --seed 3 --out found.safetensors",
    again: "--resume",
  },
];

const main = resolve(import.meta.dirname, "../dist/src/cli/main.js");
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: CASES.map(({ name }) => name).join() },
  },
});

/** Runs a command to its end, or until it is killed after some milliseconds. @returns true if it was killed */
async function run(folder: string, line: string, killAfter?: number): Promise<boolean> {
  const child = spawn(process.execPath, [main, ...line.split(" ")], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  if (signal === null && code !== 0)
    throw new Error(`tritrack ${line}: expected exit code 0, got ${code}: ${stderr}`);
  return signal !== null;
}

/** Runs a killed command again. @returns the message of a failure, if it fails */
async function rerun(folder: string, { line, again }: Case): Promise<string[]> {
  try {
    await run(folder, again ? `${line} ${again}` : line);
    return [];
  } catch (error) {
    return [(error as Error).message.trim()];
  }
}

/** Bytes of every file below a folder, by path; the durations in JSON files are left out. */
function contents(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const text = readFileSync(path, "latin1");
    files.set(relative(folder, path), text.replace(/"seconds": ?[\d.]+/g, '"seconds":0'));
  }
  return files;
}

/** Files that differ, or that only one side has. */
function differences(a: Map<string, string>, b: Map<string, string>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

const scratch = mkdtempSync(join(tmpdir(), "tritrack-kills-"));
const random = new Random(Number(values.seed));
const chosen = CASES.filter(({ name }) => values.only.split(",").includes(name));
const whole = new Map<Case, { files: Map<string, string>; duration: number }>();
let equal = 0;
try {
  for (const one of chosen) {
    const folder = join(scratch, `${one.name}-whole`);
    mkdirSync(folder);
    const start = performance.now();
    await run(folder, one.line);
    whole.set(one, { files: contents(folder), duration: performance.now() - start });
  }
  for (let kill = 0; kill < Number(values.kills); kill++) {
    const one = chosen[kill % chosen.length];
    const { files, duration } = whole.get(one)!;
    const folder = join(scratch, `${kill}`);
    mkdirSync(folder);
    const moment = random.random() * duration;
    const killed = await run(folder, one.line, moment);
    const found = killed ? await rerun(folder, one) : [];
    found.push(...differences(files, contents(folder)));
    if (found.length === 0) equal++;
    const when = killed ? `killed after ${(moment / 1000).toFixed(2)} s` : "ended before the kill";
    console.log(`${kill + 1} ${one.name}: ${when}: ${found.length === 0 ? "equal" : found.join(", ")}`);
    rmSync(folder, { recursive: true });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${equal} of ${values.kills} equal`);
if (equal < Number(values.kills)) process.exitCode = 1;
