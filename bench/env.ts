/**
 * Speed of CarRacing-v3, beside Gymnasium and EnvPool in the same run: steps a second with frames and without,
 * reset, two workers, memory. Bars: with frames 30 times Gymnasium and 4 times EnvPool on one thread, reset within
 * 1 ms, two workers 1.8 times one.
 *
 *     TRITRACK_PYTHON=venv/bin/python npm run bench:env -- [--rounds 3] [--json] [--write]
 *
 * TRITRACK_PYTHON names a Python that has gymnasium[box2d], envpool or both; without it there is nothing to compare
 * with. Three golden laps and one golden episode of random actions (test/golden) are replayed in ours and in Gymnasium,
 * frame for frame the same. EnvPool makes other tracks of the same kind, on which a few lines of Python keep it on the
 * road.
 *
 * The engines take turns episode by episode, so that a busy machine slows all of them. Figures are medians over episodes
 * and rounds. A ratio is the median of ours, just before and just after a reference's turn, over the reference's.
 *
 * Two workers are measured in three ways: on a vector of two environments, where they wait for each other at every step;
 * on a vector of eight, where each keeps half as much in its caches as one worker must; and on an evaluation, where they
 * take tracks from one queue and never wait. The ceiling is what the machine itself gives: two threads that step their
 * own environments. If the machine stops one of two threads for a moment, the other one of a vector waits, so that the
 * ratio of the vectors falls further than any other.
 *
 * `--write` keeps the figures in docs/bench-env.json and in the table of docs/parity.md.
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
import { REPEATS, stepRate } from "./env-thread.ts";

/** Names of the golden episodes. */
const EPISODES = ["driver-8", "driver-9", "driver-late-10", "random-1"];
/** Times that all episodes are repeated before one worker is compared with two. */
const WARM_UPS = 2;
/** Tracks of an evaluation. */
const EVALUATED = 24;
/** Seeds of the resets that are timed. */
const RESET_SEEDS = Array.from({ length: 40 }, (_, seed) => seed);
/** Environments that share the measured growth of memory. */
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
const episodes = EPISODES.map(loadGolden);
const python = PythonReference.start(new URL("./env_reference.py", import.meta.url).pathname);
const versions = (await python?.ask<Record<string, string | null>>({ task: "versions" })) ?? {};
const references = REFERENCES.filter((name) => versions[name]);
const rows: Row[] = [];

await measureMemory();
const drawn = await make("CarRacing-v3", { reuseObservations: true });
const undrawn = await make("CarRacing-v3", { observations: false });

/** Memory of an environment that was reset and stepped, by the growth of the process; runs first, while that is small. */
async function measureMemory(): Promise<void> {
  console.error("env/memory …");
  const collect = garbageCollector();
  (await make("CarRacing-v3")).reset(); // loads the modules, once for all environments
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

/** Steps a second of all environments of a vector together. Resets are not timed. */
function vectorRate(env: Vector, golden: GoldenEpisode): number {
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

/** Milliseconds of a reset, its first frame included. */
function timeReset(): number {
  const begin = performance.now();
  for (const seed of RESET_SEEDS) drawn.reset({ seed });
  return (performance.now() - begin) / RESET_SEEDS.length;
}

/**
 * Measures ours and every reference in turn, once for each question and round, and adds a row for each reference.
 * @param compare ratio of speeds, given two values. Default: of rates
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

/** A question in the form that the Python script takes. */
function toPython(question: object): object {
  if (!("actions" in question)) return question;
  const { seed, steps, action } = question as GoldenEpisode;
  return {
    seed: Number(seed),
    actions: Array.from({ length: steps }, (_, k) => [...(action(k) as Float32Array)]),
  };
}

/** Ratio of speeds, given times. */
const inverse = (ours: number, theirs: number) => theirs / ours;

await measure("env/frames", "steps/s", "frames", episodes, (golden) =>
  stepRate(drawn, golden, REPEATS.frames),
);
await measure("env/physics", "steps/s", "physics", episodes, (golden) =>
  stepRate(undrawn, golden, REPEATS.physics),
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
await measure("env/frames-2-workers", "steps/s", "frames2", episodes, (golden) => vectorRate(two, golden));
two.close();
for (const [name, numEnvs] of [
  ["env/workers", 2],
  ["env/workers-8-envs", 8],
] as const) {
  console.error(`${name} …`);
  const vectors = [await createVector(numEnvs, 1), await createVector(numEnvs, 2)] as const;
  const turns = vectors.map((vector) => (golden: GoldenEpisode) => vectorRate(vector, golden));
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

/** The gain from two threads that the machine itself allows: each steps an environment of its own, two beside one. */
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

/** Steps a second of a network of the zoo, from the end of the first episode on, since threads take a while to start. */
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
 * Steps a second of two beside those of one just before and after, episode by episode. All episodes are repeated first:
 * while V8 still compiles, its compiler's threads take a processor from one of the two.
 */
async function inTurns(
  name: string,
  reference: string,
  one: (golden: GoldenEpisode) => number | Promise<number>,
  two: (golden: GoldenEpisode) => number | Promise<number>,
  warmUps = WARM_UPS,
): Promise<Row> {
  for (let warmUp = 0; warmUp < warmUps; warmUp++)
    for (const golden of episodes) for (const turn of [one, two]) await turn(golden);
  const [alone, together, ratios]: number[][] = [[], [], []];
  for (const golden of Array.from({ length: rounds }, () => episodes).flat()) {
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
