/**
 * Driving reward of the expert: mean over seeds 20000–20099 (1000-step limit), beside the random driver on the same
 * seeds in the same run. Bar: mean 938 or more, every lap finished.
 *
 *     npm run bench:expert -- [--seeds 20000-20099] [--pace 100] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`. The ratio
 * is null: of rewards, which may be negative, it says nothing.
 */
import { parseArgs } from "node:util";
import { ExpertPolicy } from "../policies/expert/expert.ts";
import { RandomPolicy } from "../policies/random.ts";
import { parseSeeds } from "../src/data/seeds.ts";
import { TEST_SEEDS } from "../src/data/tracks.ts";
import { type Evaluation, evaluate } from "../src/episodes/evaluate.ts";
import { printRows } from "./common.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: TEST_SEEDS },
    pace: { type: "string", default: "100" },
    json: { type: "boolean", default: false },
  },
});
const seeds = parseSeeds(values.seeds);
const expert = await evaluate(new ExpertPolicy({ pace: Number(values.pace) }), { seeds });
const random = await evaluate(new RandomPolicy(), { seeds });

const row = (name: string, unit: string, of: (evaluation: Evaluation) => number) => ({
  name,
  unit,
  value: of(expert),
  reference: "random",
  referenceValue: of(random),
  ratio: null,
});
printRows(
  [
    row("expert/reward", "mean driving reward", ({ mean }) => mean),
    row("expert/sd", "driving reward", ({ sd }) => sd),
    row("expert/min", "driving reward", ({ min }) => min),
    row("expert/laps", `laps of ${seeds.length}`, ({ laps }) => laps),
  ],
  values.json,
);
