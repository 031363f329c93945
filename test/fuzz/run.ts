/**
 * `npm run fuzz`: every parser over damaged inputs, a hundred thousand each (HDF5 and drives twenty thousand). Ends with
 * exit code 1 if one throws an error that is not ours, or takes over a second for an input.
 *
 *     npm run fuzz -- --seed 2 --only npz --inputs 5000
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { fuzz, type Outcome, type Parser } from "./fuzz.ts";
import { parsers } from "./parsers.ts";

/** Longest that an input may take, milliseconds. */
const LIMIT = 1000;
/** Foreign errors of a parser that are shown. */
const SHOWN = 3;

/** Counts of a parser's answers, and the most memory that its process has had. */
interface Measured extends Outcome {
  peakMegabytes: number;
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    inputs: { type: "string" },
    only: { type: "string" },
    /** Prints the outcome of one parser as JSON, for the process that began this one. */
    json: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);

/** Runs a parser here. */
async function measure(parser: Parser, inputs: number, first = seed): Promise<Measured> {
  const outcome = await fuzz(parser, inputs, first);
  return { ...outcome, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** Runs a parser in one process after another, each with a seed of its own. */
function measureInProcesses({ name, processOf = 1 }: Parser, inputs: number): Measured {
  const all: Measured[] = [];
  for (let done = 0; done < inputs; done += processOf) {
    const count = Math.min(processOf, inputs - done);
    const options = [
      "--json",
      "--only",
      name,
      "--inputs",
      `${count}`,
      "--seed",
      `${seed * 1000 + all.length}`,
    ];
    const line = execFileSync(process.execPath, ["--import", "tsx", import.meta.filename, ...options]);
    all.push(JSON.parse(line.toString()));
  }
  const slowest = all.reduce((most, one) => (one.slowest > most.slowest ? one : most));
  const sum = (key: "refused" | "read") => all.reduce((total, one) => total + one[key], 0);
  return {
    ...slowest,
    inputs,
    refused: sum("refused"),
    read: sum("read"),
    foreign: all.flatMap(({ foreign }) => foreign),
    peakMegabytes: Math.max(...all.map((one) => one.peakMegabytes)),
  };
}

let failed = 0;
for (const parser of parsers()) {
  if (values.only !== undefined && !parser.name.includes(values.only)) continue;
  const inputs = values.inputs === undefined ? parser.inputs : Number(values.inputs);
  const begin = performance.now();
  if (values.json) {
    console.log(JSON.stringify(await measure(parser, inputs)));
    continue;
  }
  const isSplit = parser.processOf !== undefined && parser.processOf < inputs;
  const measured = isSplit ? measureInProcesses(parser, inputs) : await measure(parser, inputs);
  const { refused, read, foreign, slowest, slowestInput, peakMegabytes } = measured;
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  console.log(
    `${parser.name}: ${inputs} inputs in ${seconds} s: ${refused} refused, ${read} read, ${foreign.length} foreign errors; slowest ${slowest.toFixed(1)} ms (input ${slowestInput}); peak memory ${peakMegabytes} MB`,
  );
  for (const error of foreign.slice(0, SHOWN)) console.log(`  ${error}`);
  if (foreign.length > 0 || slowest > LIMIT) failed++;
}
if (!values.json) console.log(failed === 0 ? "no foreign errors, none slow" : `${failed} parsers failed`);
process.exitCode = failed === 0 ? 0 : 1;
