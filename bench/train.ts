/**
 * Training samples a second, batch 64 with Adam: the dense networks on one thread and on two, and 90 % sparse ternary
 * networks on one. PyTorch on one thread trains the same dense networks in the same run. Bars: 0.43 times PyTorch's
 * speed with one thread, 0.67 times with two.
 *
 *     TRITRACK_PYTHON=python npm run bench:train -- [--steps 40] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`, and the
 * memory of the process in megabytes.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../env/random.ts";
import { architectures } from "../policies/ternary/network.ts";
import { layerCounts } from "../src/data/layer-counts.ts";
import { Trainer } from "../src/train/trainer.ts";
import { median, printRows, type Row } from "./common.ts";

const { values } = parseArgs({
  options: { steps: { type: "string", default: "40" }, json: { type: "boolean", default: false } },
});
const steps = Number(values.steps);
const BATCH = 64;
/** Steps that are not counted. */
const WARM_UP = 5;

/** Samples a second, by the median step. */
async function speed(task: "mnist" | "car", { threads = 1, sparse = false }): Promise<number> {
  const architecture = architectures[task];
  const random = new Random(1);
  const samples = 4 * BATCH;
  const bytes = samples * architecture.height * architecture.width * architecture.channels;
  const pixels = Uint8Array.from({ length: bytes }, () => random.uint32() & 255);
  const trainer = await Trainer.create(architecture, { seed: 1, threads });
  const phase = {
    epochs: (steps + WARM_UP) / 4,
    batch: BATCH,
    rate: 1e-3,
    // The network is sparse from the first step, without a schedule.
    counts: sparse ? layerCounts(architecture, 90) : null,
    pruneUntil: 0,
    fixScalesAt: 1,
  };
  const labels = Uint8Array.from({ length: samples }, () => random.integers(10));
  const targets = Float32Array.from({ length: 3 * samples }, () => random.random());
  const times: number[] = [];
  let start = performance.now();
  await trainer.run(
    phase,
    pixels,
    Int32Array.from(labels.keys()),
    task === "mnist" ? { kind: "cross-entropy", labels, temperature: 0.3 } : { kind: "driving", targets },
    () => {
      const now = performance.now();
      times.push(now - start);
      start = now;
    },
  );
  return (1000 * BATCH) / median(times.slice(WARM_UP));
}

/** Samples a second in PyTorch, or null without a Python that has it. */
function pytorch(): { mnist: number; car: number } | null {
  const python = process.env.TRITRACK_PYTHON;
  if (!python) return null;
  const script = fileURLToPath(new URL("train_pytorch.py", import.meta.url));
  const seconds = JSON.parse(execFileSync(python, [script, `${steps}`], { encoding: "utf8" }));
  return { mnist: BATCH / seconds.mnist, car: BATCH / seconds.car };
}

const reference = pytorch();
const rows: Row[] = [];
for (const task of ["mnist", "car"] as const) {
  for (const [suffix, options] of [
    ["", {}],
    ["-2-threads", { threads: 2 }],
    ["-sparse", { sparse: true }],
  ] as const) {
    const value = await speed(task, options);
    const referenceValue = reference?.[task] ?? null;
    rows.push({
      name: `train/${task}${suffix}`,
      unit: "samples/s",
      value,
      reference: reference && "pytorch",
      referenceValue,
      ratio: referenceValue && value / referenceValue,
    });
  }
}
const megabytes = process.memoryUsage().rss / 2 ** 20;
console.error(`memory ${megabytes.toFixed(0)} MB`);
printRows(rows, values.json, { megabytes });
