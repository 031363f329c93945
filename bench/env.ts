/**
 * How fast CarRacing-v3 runs, beside Gymnasium and EnvPool in the same run: steps a second with frames and without,
 * reset, two workers, memory. Bars: with frames 30 times Gymnasium and 4 times EnvPool on one thread, reset within
 * 1 ms, two workers 1.8 times one.
 *
 *     TRITRACK_PYTHON=venv/bin/python npm run bench:env -- [--rounds 3] [--json] [--write]
 *
 * TRITRACK_PYTHON names a Python that has gymnasium[box2d], envpool or both; without it there is nothing to compare
 * with. Recorded laps of test/golden and one drive of random actions are replayed in ours and in Gymnasium, frame for
 * frame the same. EnvPool makes other tracks of the same kind, on which a few lines keep it on the road. The
 * engines take turns drive by drive, so that a busy machine slows all of them: figures are medians over drives and
 * rounds, ratios the medians of ours just before and after a reference's turn to that turn. Two workers are measured
 * on a vector of two environments, where they wait for each other at every single step, and on one of eight, where
 * each keeps half as much in its caches as one worker must, and on an evaluation, where they take tracks from one
 * queue and never wait. What two can give at all is measured too: two threads that drive on their own. Where the
 * machine holds up one of two threads, the vectors' two wait for each other, and their ratio falls as no other does.
 * `--write` keeps them: docs/bench-env.json, and the table in docs/parity.md.
 */
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Worker } from "node:worker_threads";
import { make } from "../env/index.ts";
import { WorkerVectorEnv } from "../env/node.ts";
import { startThread } from "../env/thread-node.ts";
import { writeFileAtomic } from "../recordings/files/atomic.ts";
import { sum } from "../src/data/statistics.ts";
import { evaluateInWorkers } from "../src/episodes/evaluate-workers-node.ts";
import { type GoldenEpisode, loadGolden } from "../test/golden.ts";
import { median, PythonReference, printRows, type Row, writeTable } from "./common.ts";
import { drive } from "./env-drive.ts";

const DRIVES = ["driver-8", "driver-9", "driver-late-10", "random-1"];
/** How often a drive is repeated within one measurement of ours, which would otherwise be short beside the others. */
const REPEATS = { frames: 5, physics: 40, vector: 3 };
/** Times that all drives are driven before one worker is compared with two. */
const WARM_UPS = 2;
/** Tracks of an evaluation. */
const EVALUATED = 24;
const RESET_SEEDS = Array.from({ length: 40 }, (_, seed) => seed);
const MEMORY_COUNT = 16;
const REFERENCES = ["gymnasium", "envpool"] as const;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const drives = DRIVES.map(loadGolden);
const python = PythonReference.start(new URL("./env_reference.py", import.meta.url).pathname);
const versions = (await python?.ask<Record<string, string | null>>({ task: "versions" })) ?? {};
const references = REFERENCES.filter((name) => versions[name]);
const rows: Row[] = [];

await measureMemory();
const drawn = await make("CarRacing-v3", { reuseObservations: true });
const undrawn = await make("CarRacing-v3", { observations: false });

/** By the growth of the process, all environments reset and stepped; before anything else, while it is small. */
async function measureMemory(): Promise<void> {
  console.error("env/memory …");
  const collect = garbageCollector();
  (await make("CarRacing-v3")).reset(); // what is loaded once
  collect();
  const before = process.memoryUsage.rss();
  const kept = await Promise.all(Array.from({ length: MEMORY_COUNT }, () => make("CarRacing-v3")));
  for (const env of kept) {
    env.reset({ seed: 0 });
    env.step([0, 0, 0]);
  }
  collect();
  const value = (process.memoryUsage.rss() - before) / MEMORY_COUNT / 1e6;
  const row = { name: "env/memory", unit: "MB an environment", value };
  for (const reference of references) {
    const answer = await python?.ask<{ value: number }>({ task: "memory", reference, count: MEMORY_COUNT });
    const referenceValue = answer?.value ?? null;
    rows.push({ ...row, reference, referenceValue, ratio: referenceValue && referenceValue / value });
  }
  if (references.length === 0) rows.push({ ...row, reference: null, referenceValue: null, ratio: null });
  for (const env of kept) env.close();
}

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

type Vector = WorkerVectorEnv<Uint8Array, ArrayLike<number>>;

function createVector(numEnvs: number, workers: number): Promise<Vector> {
  const source = { id: "CarRacing-v3", options: { reuseObservations: true } };
  return WorkerVectorEnv.create(source, { numEnvs, copy: false, workers });
}

/** Steps a second of all environments of a vector together. */
function driveVector(env: Vector, golden: GoldenEpisode): number {
  let steps = 0;
  let time = 0;
  for (let repeat = 0; repeat < REPEATS.vector; repeat++) {
    env.reset({ seed: Array.from({ length: env.numEnvs }, () => golden.seed) });
    const begin = performance.now();
    for (let k = 0; k < golden.steps; k++) {
      env.step(Array.from({ length: env.numEnvs }, () => golden.action(k) as Float32Array));
      steps += env.numEnvs;
    }
    time += performance.now() - begin;
  }
  return (steps / time) * 1000;
}

/** Milliseconds of a reset, its first frame drawn. */
function timeReset(): number {
  const begin = performance.now();
  for (const seed of RESET_SEEDS) drawn.reset({ seed });
  return (performance.now() - begin) / RESET_SEEDS.length;
}

/**
 * Ours and every reference in turn, once for each question and round; a row for each reference.
 * @param compare how many times faster ours is: by rates, or by times
 */
async function measure<Question extends object>(
  name: string,
  unit: string,
  task: string,
  questions: readonly Question[],
  ours: (question: Question) => number,
  compare: (ours: number, theirs: number) => number = (a, b) => a / b,
): Promise<number> {
  console.error(`${name} …`);
  for (const question of questions) ours(question); // warms up
  const mine: number[] = [];
  const theirs = new Map(
    references.map((reference) => [reference, { values: [] as number[], ratios: [] as number[] }]),
  );
  for (const question of Array.from({ length: rounds }, () => questions).flat()) {
    let before = ours(question);
    mine.push(before);
    for (const reference of references) {
      const answer = await python?.ask<{ value: number | null }>({ task, reference, ...toPython(question) });
      const after = ours(question);
      mine.push(after);
      if (typeof answer?.value === "number") {
        theirs.get(reference)?.values.push(answer.value);
        theirs.get(reference)?.ratios.push(compare((before + after) / 2, answer.value));
      }
      before = after;
    }
  }
  const value = median(mine);
  const compared = references.filter((reference) => theirs.get(reference)?.values.length);
  for (const reference of compared) {
    const { values, ratios } = theirs.get(reference)!;
    rows.push({ name, unit, value, reference, referenceValue: median(values), ratio: median(ratios) });
  }
  if (compared.length === 0)
    rows.push({ name, unit, value, reference: null, referenceValue: null, ratio: null });
  return value;
}

function toPython(question: object): object {
  if (!("actions" in question)) return question;
  const { seed, steps, action } = question as GoldenEpisode;
  return {
    seed: Number(seed),
    actions: Array.from({ length: steps }, (_, k) => [...(action(k) as Float32Array)]),
  };
}

const inverse = (ours: number, theirs: number) => theirs / ours;

await measure("env/frames", "steps/s", "frames", drives, (golden) => drive(drawn, golden, REPEATS.frames));
await measure("env/physics", "steps/s", "physics", drives, (golden) =>
  drive(undrawn, golden, REPEATS.physics),
);
await measure(
  "env/reset",
  "ms",
  "reset",
  Array.from({ length: 4 }, () => ({ seeds: RESET_SEEDS })),
  timeReset,
  inverse,
);

const two = await createVector(2, 2);
await measure("env/frames-2-workers", "steps/s", "frames2", drives, (golden) => driveVector(two, golden));
two.close();
for (const [name, numEnvs] of [
  ["env/workers", 2],
  ["env/workers-8-envs", 8],
] as const) {
  console.error(`${name} …`);
  const vectors = [await createVector(numEnvs, 1), await createVector(numEnvs, 2)] as const;
  const turns = vectors.map((vector) => (golden: GoldenEpisode) => driveVector(vector, golden));
  rows.push(await inTurns(name, "one worker", turns[0], turns[1]));
  for (const vector of vectors) vector.close();
}
console.error("env/evaluate-workers …");
rows.push(
  await inTurns(
    "env/evaluate-workers",
    "one worker",
    () => evaluation(1),
    () => evaluation(2),
    0,
  ),
);
console.error("env/workers-ceiling …");
rows.push(await ceiling());

for (const env of [drawn, undrawn]) env.close();
python?.stop();

/** What this machine has for two: threads that drive each on its own, two at a time beside one. */
async function ceiling(): Promise<Row> {
  const threads = [0, 1].map(() => startThread("./env-thread", import.meta.url, {}));
  const rates = async (some: Worker[], name: string) => {
    const answers = await Promise.all(
      some.map(async (thread) => {
        thread.postMessage(name);
        return (await once(thread, "message"))[0] as number;
      }),
    );
    return sum(answers);
  };
  const row = await inTurns(
    "env/workers-ceiling",
    "one thread",
    ({ name }) => rates([threads[0]], name),
    ({ name }) => rates(threads, name),
  );
  for (const thread of threads) await thread.terminate();
  return row;
}

/** Frames a second that a network of the zoo drives, from the end of the first lap on: threads take a while to start. */
async function evaluation(workers: number): Promise<number> {
  const module = new URL("../src/cli/common/driver.ts", import.meta.url).href;
  let [steps, begin, end] = [0, 0, 0];
  await evaluateInWorkers(
    { module, create: "policyByName", args: ["zoo:car-90"] },
    {
      workers,
      seeds: Array.from({ length: EVALUATED }, (_, seed) => seed),
      onProgress: (result, done) => {
        end = performance.now();
        if (done === 1) begin = end;
        else steps += result.steps;
      },
    },
  );
  return (1000 * steps) / (end - begin);
}

/**
 * Steps a second of two beside those of one just before and after, drive by drive. All drives are driven before: while
 * V8 still compiles, the threads on which it does so take a processor from one of the two.
 */
async function inTurns(
  name: string,
  reference: string,
  one: (golden: GoldenEpisode) => number | Promise<number>,
  two: (golden: GoldenEpisode) => number | Promise<number>,
  warmUps = WARM_UPS,
): Promise<Row> {
  for (let warmUp = 0; warmUp < warmUps; warmUp++)
    for (const golden of drives) for (const turn of [one, two]) await turn(golden);
  const [alone, together, ratios]: number[][] = [[], [], []];
  for (const golden of Array.from({ length: rounds }, () => drives).flat()) {
    const before = await one(golden);
    const both = await two(golden);
    const after = await one(golden);
    alone.push(before, after);
    together.push(both);
    ratios.push((2 * both) / (before + after));
  }
  const [value, referenceValue, ratio] = [together, alone, ratios].map(median);
  return { name, unit: "steps/s", value, reference, referenceValue, ratio };
}
const known = references.map((name) => `${name} ${versions[name]}`).join(", ");
console.log(`Node ${process.version} on ${process.arch}${known && `, ${known}`}`);
printRows(rows, values.json);
if (values.write) {
  const docs = (file: string) => fileURLToPath(new URL(`../docs/${file}`, import.meta.url));
  const made = {
    node: process.version,
    processors: availableParallelism(),
    model: cpus()[0]?.model,
    ...versions,
  };
  writeFileAtomic(docs("bench-env.json"), `${JSON.stringify({ made, rows }, null, 1)}\n`);
  writeTable(docs("parity.md"), "bench:env", rows);
}
