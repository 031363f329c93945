/**
 * `npm run fuzz`: every parser over damaged inputs, a hundred thousand each (HDF5 and drives twenty thousand), in about
 * half an hour. Ends with exit code 1 if one throws an error that is not ours, or takes over a second for an input.
 *
 *     npm run fuzz -- --seed 2 --only npz --inputs 5000
 */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";
import { parsers, trainingCheckpoints } from "./parsers.ts";

/** Longest that an input may take, milliseconds. */
const LIMIT = 1000;
/** Foreign errors of a parser that are shown. */
const SHOWN = 3;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    inputs: { type: "string" },
    only: { type: "string" },
  },
});

const training = trainingCheckpoints();
let failed = 0;
try {
  for (const parser of [...parsers(), training]) {
    if (values.only !== undefined && !parser.name.includes(values.only)) continue;
    const inputs = values.inputs === undefined ? parser.inputs : Number(values.inputs);
    const begin = performance.now();
    const outcome = await fuzz(parser, inputs, Number(values.seed));
    const { refused, read, foreign, slowest, slowestInput } = outcome;
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    console.log(
      `${parser.name}: ${inputs} inputs in ${seconds} s: ${refused} refused, ${read} read, ${foreign.length} foreign errors; slowest ${slowest.toFixed(1)} ms (input ${slowestInput}); peak memory ${peakMegabytes()} MB`,
    );
    for (const error of foreign.slice(0, SHOWN)) console.log(`  ${error}`);
    if (foreign.length > 0 || slowest > LIMIT) failed++;
  }
} finally {
  training.close();
}
console.log(failed === 0 ? "no foreign errors, none slow" : `${failed} parsers failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Most memory that this process has had, megabytes. */
function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
