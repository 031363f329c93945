/**
 * Accuracy of the default recipe on MNIST: networks of several sparsities, three seeds each. Bars for the mean test
 * accuracy: 97.8 % at a sparsity of 0, 98.6 at 50, 98.4 at 80 and 90, 97.4 at 95; one 90 % run in under 12 minutes.
 *
 *     npm run bench:mnist -- [--only 90,95] [--seeds 1,2,3] [--threads 2] [--networks DIR] [--json]
 *
 * Each run is `tritrack train mnist --sparsity … --seed …`. Results are kept in docs/bench-mnist.json, and runs that
 * are there are not made again, so that an interrupted benchmark resumes, in the middle of a run too. `--networks` keeps
 * the networks. Where one network is shown, its seed is chosen by validation accuracy.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeNetwork } from "../policies/ternary/safetensors.ts";
import { writeFileAtomic } from "../recordings/files/atomic.ts";
import { loadMnist } from "../src/data/mnist-node.ts";
import { mean } from "../src/data/statistics.ts";
import { trainMnist } from "../src/train/generate.ts";

/** One trained network. */
interface Run {
  sparsity: number;
  seed: number;
  /** Accuracies, 0 to 1. */
  train: number;
  validation: number;
  test: number;
  epochs: string;
  /** Processor time of all threads in the last session. */
  cpuSeconds: number;
  /** Time on the clock of the last session; others may have used the machine. */
  seconds: number;
  command: string;
}

const RESULTS = new URL("../docs/bench-mnist.json", import.meta.url);
/** Bars for the mean test accuracy, 0 to 1, by sparsity in percent. */
const BARS: Record<number, number> = { 0: 0.978, 50: 0.986, 80: 0.984, 90: 0.984, 95: 0.974 };

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(BARS).join() },
    seeds: { type: "string", default: "1,2,3" },
    threads: { type: "string", default: "2" },
    networks: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const numbers = (list: string) => list.split(",").map(Number);
const runs: Run[] = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")).runs : [];
const data = loadMnist();

for (const seed of numbers(values.seeds)) {
  for (const sparsity of numbers(values.only)) {
    if (runs.some((run) => run.sparsity === sparsity && run.seed === seed)) continue;
    runs.push(await measure(sparsity, seed));
    runs.sort((a, b) => a.sparsity - b.sparsity || a.seed - b.seed);
    writeFileAtomic(RESULTS.pathname, `${JSON.stringify({ points: points(), runs }, null, 2)}\n`);
  }
}
for (const { sparsity, seeds, test, bar } of points()) {
  console.log(
    `${sparsity} %: test ${(100 * test).toFixed(2)} % (${seeds} seeds, bar ${(100 * (bar ?? 0)).toFixed(1)})`,
  );
}
if (values.json) console.log(JSON.stringify({ points: points(), runs }));

/** Trains one network. */
async function measure(sparsity: number, seed: number): Promise<Run> {
  const folder = values.networks ?? ".";
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `mnist-${sparsity}-seed-${seed}.safetensors`);
  const checkpoint = `${file}.checkpoint`;
  const start = performance.now();
  const before = process.cpuUsage();
  const { network, curve, ...scores } = await trainMnist(data, {
    sparsity,
    seed,
    threads: Number(values.threads),
    checkpoint,
  });
  const { user, system } = process.cpuUsage(before);
  const command = `tritrack train mnist --sparsity ${sparsity} --seed ${seed} --out mnist-${sparsity}.safetensors`;
  if (values.networks) {
    network.metadata.command = `npx ${command}`;
    network.metadata.scores = JSON.stringify(scores);
    writeFileSync(file, writeNetwork(network));
  }
  rmSync(checkpoint, { force: true });
  const run = {
    ...{ sparsity, seed, ...scores, epochs: network.metadata.epochs },
    cpuSeconds: Math.round((user + system) / 1e6),
    seconds: Math.round((performance.now() - start) / 1000),
    command,
  };
  console.error(JSON.stringify(run));
  return run;
}

/** Means over the seeds, for each sparsity. */
function points() {
  return [...new Set(runs.map((run) => run.sparsity))].map((sparsity) => {
    const some = runs.filter((run) => run.sparsity === sparsity);
    const meanOf = (key: "train" | "validation" | "test") => mean(some.map((run) => run[key]));
    return {
      ...{ sparsity, seeds: some.length },
      ...{ train: meanOf("train"), validation: meanOf("validation"), test: meanOf("test") },
      bar: BARS[sparsity] ?? null,
    };
  });
}
