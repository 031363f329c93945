/**
 * Fig 2b: car imitation against sparsity, by action accuracy as in the paper and by driving reward, which the paper does
 * not measure.
 */

import { TernaryPolicy } from "../../../policies/ternary/policy.ts";
import { seedRange } from "../../data/seeds.ts";
import { mean } from "../../data/statistics.ts";
import { tracks as tracksOf } from "../../data/tracks.ts";
import { evaluate } from "../../episodes/evaluate.ts";
import { measureNetwork } from "../../search/index.ts";
import { spreadChart } from "../../show/charts/lines.ts";
import type { Table } from "../../show/pages/page.ts";
import { type Figure, type Finding, type Lab, type Panel, whole } from "../figure.ts";
import { TEST_TRACKS } from "../materials.ts";
import { addRuns, countRuns, type Runs, spread } from "../runs.ts";
import { trainCarPoint } from "../training.ts";
import { NotMeasured } from "../workspace.ts";

/** Sparsities in the overview, percent. */
const IN_OVERVIEW = [0, 90, 98];

/** One trained network. */
interface CarPoint {
  /** Seed of the training run. */
  seed: number;
  /** Share of the teacher's frames on which all controls agree, 0 to 1. */
  accuracy: number;
  /** Driving reward on each track. */
  rewards: number[];
}

/** Fig 2b. */
export const carSparsity: Figure = {
  id: "fig2b",
  title: "Car imitation at each sparsity",
  async run(lab) {
    const { settings } = lab;
    const { sparsities } = settings.car;
    const runs: Runs<CarPoint> = new Map();
    // Seed by seed, so that an interrupted run shows the whole curve early.
    for (const seed of seedRange(1, settings.runs))
      await addRuns(runs, sparsities, (sparsity) => measure(lab, sparsity, seed));
    if (runs.size === 0) throw new NotMeasured("fig2b: no training run is measured yet");
    return {
      panels: panelsOf(runs, lab),
      text: [
        "Action accuracy is the share of the teacher's frames on which steering (left, straight, right), gas (on, off) and brake (on, off) all agree. Driving reward is what the network earns when it drives by itself; the paper does not have it.",
      ],
      findings: IN_OVERVIEW.flatMap((sparsity) => findingOf(sparsity, runs.get(sparsity))),
      table: tableOf(runs, sparsities),
    };
  },
};

function panelsOf(runs: Runs<CarPoint>, { settings }: Lab): Panel[] {
  const { sparsities, tracks, ...training } = settings.car;
  const found = [...runs].sort(([a], [b]) => a - b);
  const unseen = tracksOf("tests", tracks);
  const how = `Learnt from ${training.episodes} episodes of the teacher, ${training.denseEpochs} dense and ${training.ternaryEpochs} ternary epochs, no DAgger; ${countRuns(runs, sparsities, settings.runs)}.`;
  const panel = (
    name: string,
    title: string,
    label: string,
    caption: string,
    value: (point: CarPoint) => number,
  ): Panel => ({
    name,
    svg: spreadChart({
      title,
      x: { label: "sparsity (%)" },
      y: { label },
      series: [{ name: label, points: found.map(([x, points]) => ({ x, values: points.map(value) })) }],
    }),
    caption: `${caption} A dot is a training run; a line joins the means. ${how}`,
    data: { ...training, frames: settings.images, unseen, runs: Object.fromEntries(found) },
  });
  return [
    panel(
      "fig2b",
      "Car imitation: ternary networks by sparsity",
      "action accuracy (%)",
      `Action accuracy on ${whole(settings.images)} frames of the teacher's episodes on tracks from which nothing is learnt, seeds from ${TEST_TRACKS[0]} on.`,
      (point) => 100 * point.accuracy,
    ),
    panel(
      "fig2b-reward",
      "Driving: ternary networks by sparsity",
      "mean driving reward",
      `Driving reward over ${tracks} tracks from which nothing is learnt, seeds ${unseen[0]}–${unseen.at(-1)}.`,
      (point) => mean(point.rewards),
    ),
  ];
}

/** The finding at a sparsity; none if it has no run. */
function findingOf(sparsity: number, points: readonly CarPoint[] | undefined): Finding[] {
  if (!points) return [];
  const { accuracy, reward } = spreads(points);
  return [
    {
      what: `action accuracy and driving reward at ${sparsity} % sparsity`,
      paper: "a curve, no numbers; reward not measured",
      measured: `${accuracy} %; ${reward}`,
    },
  ];
}

function tableOf(runs: Runs<CarPoint>, sparsities: readonly number[]): Table {
  return {
    columns: ["sparsity (%)", "action accuracy (%)", "driving reward", "least of any track", "n"],
    rows: sparsities.map((sparsity) => {
      const points = runs.get(sparsity);
      if (!points) return [sparsity, "", "", "", 0];
      const { accuracy, reward } = spreads(points);
      const least = Math.min(...points.flatMap((point) => point.rewards)).toFixed(1);
      return [sparsity, accuracy, reward, least, points.length];
    }),
  };
}

/** Action accuracy in percent and driving reward of several networks: mean, least and greatest. */
function spreads(points: readonly CarPoint[]): { accuracy: string; reward: string } {
  return {
    accuracy: spread(points.map((point) => 100 * point.accuracy)),
    reward: spread(
      points.map((point) => mean(point.rewards)),
      1,
    ),
  };
}

/** Trains one network, measures it on the teacher's frames and lets it drive. */
async function measure(
  { settings, workspace, materials }: Lab,
  sparsity: number,
  seed: number,
): Promise<CarPoint> {
  const { sparsities, tracks, ...training } = settings.car;
  const inputs = { sparsity, seed, tracks, images: settings.images, ...training };
  const found = await workspace.point(`fig2b/${sparsity}-seed${seed}`, inputs, async (progress) => {
    const demonstrations = await materials.carDemonstrations();
    const network = await trainCarPoint(demonstrations, settings, sparsity, seed, progress);
    const accuracy = await measureNetwork(network, await materials.carTest(settings.images), "accuracy");
    const seeds = tracksOf("tests", tracks);
    const { rewards } = await evaluate(await TernaryPolicy.create(network), { seeds });
    return { accuracy, rewards };
  });
  return { seed, ...found };
}
