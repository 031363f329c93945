/** Fig 2b: car imitation against sparsity, by action accuracy as in the paper and by driving reward, which it lacks. */

import { seedRange } from "../../data/seeds.ts";
import { mean } from "../../data/statistics.ts";
import { tracks as tracksOf } from "../../data/tracks.ts";
import { spreadChart } from "../../show/charts.ts";
import { type Figure, type Lab, whole } from "../figure.ts";
import { TEST_TRACKS } from "../materials.ts";
import { addRuns, countRuns, type Runs, spread } from "../runs.ts";
import { trainCarPoint } from "../training.ts";
import { NotMeasured } from "../workspace.ts";

interface CarPoint {
  /** Of the training run. */
  seed: number;
  /** Share of frames of the teacher's drives on which all controls agree, 0 to 1. */
  accuracy: number;
  /** Driving reward of each track. */
  rewards: number[];
}

export const carSparsity: Figure = {
  id: "fig2b",
  title: "Car imitation at each sparsity",
  async run(lab) {
    const { settings } = lab;
    const { sparsities, tracks, ...training } = settings.car;
    const runs: Runs<CarPoint> = new Map();
    // Seed by seed, so that a run that is cut off has the whole curve early.
    for (const seed of seedRange(1, settings.runs))
      await addRuns(runs, sparsities, (sparsity) => measure(lab, sparsity, seed));
    if (runs.size === 0) throw new NotMeasured("no training run of it has been made yet");
    const found = [...runs].sort(([a], [b]) => a - b);
    const unseen = tracksOf("tests", tracks);
    const how = `Learnt from ${training.episodes} episodes of the teacher, ${training.denseEpochs} dense and ${training.ternaryEpochs} ternary epochs, no DAgger; ${countRuns(runs, sparsities, settings.runs)}.`;
    const panel = (
      name: string,
      title: string,
      label: string,
      caption: string,
      value: (point: CarPoint) => number,
    ) => ({
      name,
      svg: spreadChart({
        title,
        x: { label: "sparsity (%)" },
        y: { label },
        series: [{ name: label, points: found.map(([x, points]) => ({ x, values: points.map(value) })) }],
      }),
      caption: `${caption} A dot a training run, a line through the means. ${how}`,
      data: { ...training, frames: settings.images, unseen, runs: Object.fromEntries(found) },
    });
    return {
      panels: [
        panel(
          "fig2b",
          "Car imitation: ternary networks by sparsity",
          "action accuracy (%)",
          `Action accuracy on ${whole(settings.images)} frames of the teacher's drives on tracks that nothing is learnt from, seeds from ${TEST_TRACKS[0]} on.`,
          (point) => 100 * point.accuracy,
        ),
        panel(
          "fig2b-reward",
          "Driving: ternary networks by sparsity",
          "mean driving reward",
          `Driving reward over ${tracks} tracks that nothing is learnt from, seeds ${unseen[0]}–${unseen.at(-1)}.`,
          (point) => mean(point.rewards),
        ),
      ],
      text: [
        "Action accuracy is the share of the teacher's frames on which steering (left, straight, right), gas (on, off) and brake (on, off) all agree. Driving reward is what the network earns when it drives by itself; the paper does not have it.",
      ],
      findings: [0, 90, 98]
        .flatMap((sparsity) => {
          const points = runs.get(sparsity);
          return points ? [{ sparsity, points }] : [];
        })
        .map(({ sparsity, points }) => ({
          what: `action accuracy and driving reward at ${sparsity} % sparsity`,
          paper: "a curve, no numbers; reward not measured",
          measured: `${spread(points.map((point) => 100 * point.accuracy))} %; ${spread(
            points.map((point) => mean(point.rewards)),
            1,
          )}`,
        })),
      table: {
        columns: ["sparsity (%)", "action accuracy (%)", "driving reward", "least of any track", "n"],
        rows: sparsities.map((sparsity) => {
          const points = runs.get(sparsity);
          return [
            sparsity,
            spread(points?.map((point) => 100 * point.accuracy)),
            spread(
              points?.map((point) => mean(point.rewards)),
              1,
            ),
            points ? Math.min(...points.flatMap((point) => point.rewards)).toFixed(1) : "",
            points?.length ?? 0,
          ];
        }),
      },
    };
  },
};

/** Trains one network, measures it on the teacher's frames and lets it drive. */
async function measure(
  { settings, workspace, materials }: Lab,
  sparsity: number,
  seed: number,
): Promise<CarPoint> {
  const { sparsities, tracks, ...training } = settings.car;
  const inputs = { sparsity, seed, tracks, images: settings.images, ...training };
  const found = await workspace.point(`fig2b/${sparsity}-seed${seed}`, inputs, async (progress) => {
    const [{ evaluate }, { TernaryPolicy }, { measureNetwork }] = await Promise.all([
      import("../../episodes/evaluate.ts"),
      import("../../../policies/ternary/policy.ts"),
      import("../../search/index.ts"),
    ]);
    const demonstrations = await materials.carDemonstrations();
    const network = await trainCarPoint(demonstrations, settings, sparsity, seed, progress);
    const accuracy = await measureNetwork(network, await materials.carTest(settings.images), "accuracy");
    const seeds = tracksOf("tests", tracks);
    const { rewards } = await evaluate(await TernaryPolicy.create(network), { seeds });
    return { accuracy, rewards };
  });
  return { seed, ...found };
}
