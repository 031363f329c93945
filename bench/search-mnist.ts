/**
 * Test accuracy of a search by the default rule from a random 90 %-sparse MNIST network, without a gradient, on one
 * thread: after 10, 120 and 600 seconds, seeds 1 to 3, in all layers and in fc alone. Bars, means of the seeds: 90, 97
 * and 98 %, fc alone 93 %. Seconds are those of the processor, which on an idle machine equal the clock's; both are
 * kept.
 *
 *     npm run bench:search-mnist -- [--seeds 1,2,3] [--seconds 10,120,600] [--fc-seconds 60] [--out FILE.json] [--json]
 *
 * Writes docs/bench-search-mnist.json and the table in docs/search.md. A search ends after the step in which its limit
 * is reached. Its result is the network that was best on the validation images; the test images only report.
 */
import { parseArgs } from "node:util";
import { mnistArchitecture } from "../policies/ternary/network.ts";
import { randomNetwork } from "../policies/ternary/random.ts";
import { writeFileAtomic } from "../recordings/files/atomic.ts";
import { loadMnist } from "../src/data/mnist-node.ts";
import { mean } from "../src/data/statistics.ts";
import { search } from "../src/search/index.ts";
import { printRows, writeTable } from "./common.ts";

const OUT = "docs/bench-search-mnist.json";
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1,2,3" },
    seconds: { type: "string", default: "10,120,600" },
    "fc-seconds": { type: "string", default: "60" },
    out: { type: "string", default: OUT },
    json: { type: "boolean", default: false },
  },
});
const numbers = (text: string) => text.split(",").filter(Boolean).map(Number);

/** A search at one limit. Accuracies from 0 to 1. */
interface Point {
  /** "all", or names of the layers. */
  layers: string;
  seed: number;
  /** Processor seconds that were allowed. */
  limit: number;
  /** Processor seconds that were used. */
  seconds: number;
  /** Seconds on the clock. */
  wall: number;
  /** First neighbours tried. */
  neighbours: number;
  /** Swaps made. */
  accepted: number;
  validation: number;
  test: number;
}

const mnist = loadMnist();
const [data, validation, test] = [mnist.train, mnist.validation, mnist.test];
const points: Point[] = [];

/** Runs one search, which is stopped and measured at each limit and resumed from its checkpoint. */
async function run(
  seed: number,
  layers: readonly string[] | undefined,
  limits: readonly number[],
): Promise<void> {
  let seconds = 0;
  let wall = 0;
  let checkpoint: Uint8Array | undefined;
  for (const limit of limits) {
    const [began, start, before] = [processorSeconds(), performance.now(), seconds];
    let milliseconds = 0;
    const { neighbours, accepted, after } = await search(randomNetwork(mnistArchitecture, 90, seed), {
      ...{ data, validation, test, layers, seed, resume: checkpoint },
      shouldStop: () => {
        seconds = before + processorSeconds() - began;
        milliseconds = performance.now() - start;
        return seconds >= limit;
      },
      onCheckpoint: (make) => {
        checkpoint = make();
      },
    });
    wall += milliseconds / 1000;
    const scores = { validation: after.validation!, test: after.test! };
    points.push({
      layers: layers?.join() ?? "all",
      seed,
      limit,
      seconds,
      wall,
      neighbours,
      accepted,
      ...scores,
    });
    const name = layers ? `${layers} alone` : "all layers";
    console.error(`${name}, seed ${seed}, ${limit} s: test ${(100 * scores.test).toFixed(2)} %`);
    writeFileAtomic(
      values.out,
      `${JSON.stringify({ command: "npm run bench:search-mnist", points }, null, 1)}\n`,
    );
  }
}

/** Processor time of all threads of this process so far. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

for (const seed of numbers(values.seeds)) {
  await run(seed, undefined, numbers(values.seconds));
  if (values["fc-seconds"]) await run(seed, ["fc"], numbers(values["fc-seconds"]));
}

const groups = [...new Set(points.map(({ layers, limit }) => `${layers}-${limit}`))];
const rows = groups.map((group) => {
  const own = points.filter(({ layers, limit }) => `${layers}-${limit}` === group);
  const value = mean(own.map(({ test }) => test));
  // The paper's Algorithm 1 from a random network: Figs 6 and 7.
  const referenceValue = own[0].layers === "fc" ? 0.2773 : 0.2568;
  const name = `search/mnist-${group}-s`;
  return {
    name,
    unit: "test accuracy",
    value,
    reference: "paper",
    referenceValue,
    ratio: value / referenceValue,
  };
});
printRows(rows, values.json);
if (values.out === OUT) writeTable("docs/search.md", "bench:search-mnist", rows);
