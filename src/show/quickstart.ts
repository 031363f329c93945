/** The report page of `tritrack quickstart`: what was done, what came of it, and pictures of both. */
import type { LayerDescription } from "../../policies/ternary/describe.ts";
import { mean } from "../data/statistics.ts";
import type { Evaluation } from "../episodes/evaluate.ts";
import { lineChart, stripChart } from "./charts.ts";
import { lapSections } from "./evaluation.ts";
import { reportPage } from "./page.ts";
import type { Lap } from "./video/lap.ts";

/** A driver's driving reward on unseen tracks and, of a network, its action accuracy on unseen demonstrations. */
export interface Scored extends Evaluation {
  name: string;
  /** 0 to 1. */
  actionAccuracy: number | null;
}

/** All that the command measured: the page and `quickstart.json` are made of it. */
export interface QuickstartResult {
  seed: number;
  layers: LayerDescription[];
  stages: { name: string; summary: string; seconds: number }[];
  scores: Scored[];
  /** Loss of every training step, phase after phase. */
  curve: { phase: string; losses: number[] }[];
  /** Each round of search; neighbours and swaps so far. */
  search: {
    round: number;
    neighbours: number;
    accepted: number;
    /** Action accuracy of the network that stands, on frames of its own. */
    accuracy: number;
    /** Final of the race of what was found against what stands: mean gain in driving reward, its standard error, tracks. */
    gain: number;
    error: number;
    tracks: number;
    won: boolean;
  }[];
  lap: Lap;
  /** Seeds of the evaluation. */
  unseen: readonly number[];
  seconds: number;
}

/** Training steps whose losses make one point of the curve. */
const SMOOTHING = 20;

export function quickstartReport(result: QuickstartResult): string {
  const { scores, layers, lap, search, unseen } = result;
  const seeds = `seeds ${unseen[0]}–${unseen.at(-1)}`;
  const after = scores.find(({ name }) => name === "after search")!;
  return reportPage({
    title: "tritrack quickstart",
    lead: `A network whose weights are -1, 0 or +1, nine of ten of them 0, learned to drive CarRacing-v3 in ${Math.round(result.seconds / 60)} minutes: driving reward ${after.mean.toFixed(0)} ± ${after.sd.toFixed(0)} on ${unseen.length} tracks it had never seen.`,
    sections: [
      ...lapSections(lap, "replay.mp4", `Seed ${lap.seed}, the first of the unseen tracks, not the best`),
      {
        heading: "Scores on unseen tracks",
        text: [
          `Driving reward: undiscounted sum of rewards of one episode of at most 1000 steps, mean and standard deviation over ${seeds}. Action accuracy: share of frames of the teacher's drives on unseen tracks on which steering (left, straight, right), gas and brake (on, off) all agree.`,
        ],
        table: {
          columns: ["driver", "mean", "sd", "min", "laps", "action accuracy"],
          rows: scores.map(({ name, mean, sd, min, laps, episodes, actionAccuracy }) => [
            name,
            mean.toFixed(1),
            sd.toFixed(1),
            min.toFixed(1),
            `${laps}/${episodes}`,
            actionAccuracy === null ? "" : `${(100 * actionAccuracy).toFixed(1)} %`,
          ]),
        },
        svg: stripChart({
          x: { label: "driving reward" },
          groups: scores.map(({ name, rewards }) => ({ name, values: rewards })),
        }),
        caption: "A dot an episode; the bar is the mean.",
      },
      {
        heading: "Imitation",
        text: [
          "Dense floats first; then the weights become sparse and ternary under training. It knows the road as the teacher saw it; where it errs, it meets what nobody showed it.",
        ],
        svg: lineChart({
          x: { label: "training step" },
          y: { label: "squared error of the actions" },
          series: lossSeries(result.curve),
        }),
        caption: `Training loss, mean of ${SMOOTHING} steps a point.`,
      },
      {
        heading: "Stochastic search and succeed",
        text: [
          `In each round the network drives tracks of its own, the teacher labels what it sees, and swaps of a nonzero weight with a zero one are made where they lower the imitation loss and not the action accuracy: ${search.at(-1)!.neighbours} neighbours were tried and ${search.at(-1)!.accepted} swaps made. What a round found replaces the network only if it wins a race: first on the tracks that the network drives worst, then, significantly, on tracks that had no say in it.`,
        ],
        table: {
          columns: ["round", "gain in the final", "tracks", "won", "action accuracy", "neighbours", "swaps"],
          rows: search.map(({ round, gain, error, tracks, won, accuracy, neighbours, accepted }) => [
            round,
            tracks === 0 ? "lost before" : `${gain.toFixed(1)} ± ${error.toFixed(1)}`,
            tracks,
            won ? "yes" : "no",
            `${(100 * accuracy).toFixed(1)} %`,
            neighbours,
            accepted,
          ]),
        },
      },
      {
        heading: "The weights",
        table: {
          columns: ["layer", "weights", "nonzero", "sparsity"],
          rows: layers.map(({ name, weights, nonzeros }) => [
            name,
            weights,
            nonzeros,
            `${(100 * (1 - nonzeros / weights)).toFixed(1)} %`,
          ]),
        },
      },
      {
        heading: "How it was made",
        text: [`npx tritrack quickstart --seed ${result.seed}`],
        table: {
          columns: ["stage", "result", "seconds"],
          rows: result.stages.map(({ name, summary, seconds }) => [name, summary, seconds.toFixed(0)]),
        },
      },
    ],
  });
}

function lossSeries(curve: QuickstartResult["curve"]) {
  let before = 0;
  return curve.map(({ phase, losses }) => {
    const points: [number, number][] = [];
    for (let i = 0; i + SMOOTHING <= losses.length; i += SMOOTHING) {
      const part = losses.slice(i, i + SMOOTHING);
      points.push([before + i + SMOOTHING / 2, mean(part)]);
    }
    before += losses.length;
    return { name: phase, points };
  });
}
