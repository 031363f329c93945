/**
 * How well the expert drives: mean driving reward over seeds 20000–20099 (1000-step limit), beside the random driver
 * on the same seeds in the same run. Bar: mean 938 or more, every lap finished.
 *
 *     npm run bench:expert -- [--seeds 20000-20099] [--pace 100] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`; a ratio
 * of rewards says nothing where the reference's are negative, so it is null.
 */
import { parseArgs } from "node:util";
import { ExpertPolicy } from "../policies/expert/expert.ts";
import { RandomPolicy } from "../policies/random.ts";
import { parseSeeds } from "../src/data/seeds.ts";
import { TEST_SEEDS } from "../src/data/tracks.ts";
import { type Evaluation, evaluate } from "../src/episodes/evaluate.ts";

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

console.log(`seeds ${values.seeds}: driving reward, mean ± sd over ${seeds.length} tracks`);
for (const { policy, mean, sd, min, laps } of [expert, random]) {
  console.log(
    `${policy.padEnd(8)}${mean.toFixed(1).padStart(7)} ± ${sd.toFixed(1).padEnd(6)} min ${min.toFixed(1).padStart(6)}   ${laps} laps`,
  );
}

if (values.json) {
  const row = (name: string, unit: string, of: (evaluation: Evaluation) => number) => ({
    name,
    unit,
    value: of(expert),
    reference: "random",
    referenceValue: of(random),
    ratio: null,
  });
  console.log(
    JSON.stringify({
      rows: [
        row("expert/reward", "mean driving reward", ({ mean }) => mean),
        row("expert/sd", "driving reward", ({ sd }) => sd),
        row("expert/min", "driving reward", ({ min }) => min),
        row("expert/laps", `laps of ${seeds.length}`, ({ laps }) => laps),
      ],
    }),
  );
}
