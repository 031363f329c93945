/**
 * A search on several threads beside the same search on one: MNIST from a random 90 %-sparse network, 20,000 images,
 * rule "climb" on fc and 2.0 in eight steps, each on a new batch, with validation. Both end at the same network. The
 * bar is 1.7 times on two threads. The last row is what the machine itself gives: two processes that know nothing of
 * each other beside one alone.
 *
 *     npm run bench:search-workers -- [--workers 2] [--images 20000] [--repeats 3] [--json]
 *
 * Each repeat measures everything once, in turn, and the medians count, so that other load slows all alike.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mnistArchitecture } from "../policies/ternary/network.ts";
import { randomNetwork } from "../policies/ternary/random.ts";
import { sliceExamples } from "../src/data/examples.ts";
import { loadMnist } from "../src/data/mnist-node.ts";
import { EngineThreads } from "../src/search/engine/threads-node.ts";
import { type SearchResult, search } from "../src/search/index.ts";
import { median, printRows } from "./common.ts";

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "2" },
    images: { type: "string", default: "20000" },
    repeats: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    /** Used by this file itself: a process that searches on one thread whenever it reads a line. */
    alone: { type: "boolean", default: false },
  },
});
const workers = Number(values.workers);
const { train, validation } = loadMnist();
const data = sliceExamples(train, 0, Number(values.images));

async function timed(threads: EngineThreads): Promise<SearchResult & { seconds: number }> {
  const start = performance.now();
  const result = await search(randomNetwork(mnistArchitecture, 90, 1), {
    data,
    validation,
    fitness: "loss",
    layers: ["fc", "2.0"],
    rounds: 4,
    neighbours: 600,
    engines: (...args) => threads.engine(...args),
  });
  return { ...result, seconds: (performance.now() - start) / 1000 };
}

if (values.alone) await searchOnEachLine();
else await compare();

async function compare(): Promise<void> {
  const one = await EngineThreads.start(1);
  const many = await EngineThreads.start(workers);
  const processes = Array.from({ length: workers }, () =>
    spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "--alone"], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  const answers = processes.map((child) => createInterface({ input: child.stdout! })[Symbol.asyncIterator]());
  /** Seconds until the first `count` processes have searched at the same time. */
  const together = async (count: number) => {
    for (const child of processes.slice(0, count)) child.stdin!.write("go\n");
    const seconds = answers.slice(0, count).map(async (lines) => Number((await lines.next()).value));
    return Math.max(...(await Promise.all(seconds)));
  };
  // The first run of each also loads data, compiles kernels and allocates memory, so it is not counted.
  await together(workers);
  for (const threads of [one, many]) await timed(threads);
  const ratios = { threads: [] as number[], processes: [] as number[] };
  const rates = { one: [] as number[], many: [] as number[] };
  for (let i = 0; i < Number(values.repeats); i++) {
    const a = await timed(one);
    const b = await timed(many);
    if (JSON.stringify(a.log) !== JSON.stringify(b.log))
      throw new Error(`${workers} threads: expected the steps of one thread, got others`);
    ratios.threads.push(a.seconds / b.seconds);
    rates.one.push(a.neighbours / a.seconds);
    rates.many.push(b.neighbours / b.seconds);
    ratios.processes.push((workers * (await together(1))) / (await together(workers)));
  }
  await Promise.all([one.close(), many.close(), ...processes.map(end)]);
  const referenceValue = median(rates.one);
  const ceiling = median(ratios.processes);
  printRows(
    [
      {
        name: `search/workers-${workers}`,
        unit: "neighbours/s",
        value: median(rates.many),
        reference: "one thread",
        referenceValue,
        ratio: median(ratios.threads),
      },
      {
        name: `machine/processes-${workers}`,
        unit: "neighbours/s",
        value: referenceValue * ceiling,
        reference: "one process",
        referenceValue,
        ratio: ceiling,
      },
    ],
    values.json,
  );
}

/** Prints the seconds of one search for every line of standard input. */
async function searchOnEachLine(): Promise<void> {
  const one = await EngineThreads.start(1);
  for await (const _ of createInterface({ input: process.stdin })) console.log((await timed(one)).seconds);
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin!.end();
  await once(child, "exit");
}
