/** The report page of `tritrack quickstart`: each stage with its result, and an episode on film. */
import type { LayerDescription } from "../../../policies/ternary/describe.ts";
import type { Evaluation } from "../../episodes/evaluate.ts";
import { stripChart } from "../charts/dots.ts";
import { lineChart, type Series } from "../charts/lines.ts";
import type { DrivenLine } from "../video/film-episode.ts";
import { episodeSections } from "./evaluation.ts";
import { reportPage, type Section } from "./page.ts";

/** A driver's rewards on unseen tracks and, for a network, its action accuracy on unseen demonstrations. */
export interface Scored extends Evaluation {
  /** The driver, as the page names it. */
  name: string;
  /** Share from 0 to 1; null for a driver that is not a network. */
  actionAccuracy: number | null;
}

/** One round of search. */
export interface SearchRound {
  /** Number of the round, from 1. */
  round: number;
  /** First neighbours tried, all rounds so far. */
  neighbours: number;
  /** Swaps made, all rounds so far. */
  accepted: number;
  /** Action accuracy after the round, 0 to 1, on frames on which nothing was searched. */
  accuracy: number;
  /** Mean gain in driving reward in the final race of the found network against the one before. */
  gain: number;
  /** Standard error of the gain. */
  error: number;
  /** Tracks of the final; 0 if the found network lost in the heats. */
  tracks: number;
  /** True if the found network won and replaced the one before. */
  won: boolean;
}

/** All that the command measured. The page and `quickstart.json` are made of it; plain JSON. */
export interface QuickstartResult {
  /** Seed of training and search. */
  seed: number;
  /** Layers of the network. */
  layers: LayerDescription[];
  /** Name, result and duration in seconds of each stage. */
  stages: { name: string; summary: string; seconds: number }[];
  /** Drivers in the order of the table; "after search" is among them. */
  scores: Scored[];
  /** Loss of every training step, phase after phase. */
  curve: { phase: string; losses: number[] }[];
  /** The rounds of search. */
  search: SearchRound[];
  /** The filmed episode. */
  lap: DrivenLine;
  /** Seeds of the evaluation. */
  unseen: readonly number[];
  /** Duration of everything, seconds. */
  seconds: number;
}

/** Training steps whose mean loss makes one point of the curve. */
const SMOOTHING = 20;

/** The page as HTML text; it expects the video as `replay.mp4` beside it. */
export function quickstartReport(result: QuickstartResult): string {
  const { scores, lap, unseen, seconds } = result;
  const after = scores.find(({ name }) => name === "after search")!;
  return reportPage({
    title: "tritrack quickstart",
    lead: `A network whose weights are -1, 0 or +1, nine of ten of them 0, learned to drive CarRacing-v3 in ${Math.round(seconds / 60)} minutes: driving reward ${after.mean.toFixed(0)} ± ${after.sd.toFixed(0)} on ${unseen.length} tracks it had never seen.`,
    sections: [
      ...episodeSections(lap, "replay.mp4", `Seed ${lap.seed}, the first of the unseen tracks, not the best`),
      scoreSection(result),
      {
        heading: "Imitation",
        text: [
          "A dense network is trained first; then its weights become sparse and ternary during further training. So far the network knows only what the teacher saw: it has met none of the places where its own errors take it.",
        ],
        svg: lineChart({
          x: { label: "training step" },
          y: { label: "squared error of the actions" },
          series: lossSeries(result.curve),
        }),
        caption: `Training loss, mean of ${SMOOTHING} steps a point.`,
      },
      searchSection(result),
      weightSection(result),
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

function scoreSection({ scores, unseen }: QuickstartResult): Section {
  return {
    heading: "Scores on unseen tracks",
    text: [
      `Driving reward: undiscounted sum of rewards of one episode of at most 1000 steps, mean and standard deviation over seeds ${unseen[0]}–${unseen.at(-1)}. Action accuracy: share of frames of the teacher's episodes on unseen tracks on which steering (left, straight, right), gas and brake (on, off) all agree.`,
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
    caption: "A dot is an episode; the bar is the mean.",
  };
}

function searchSection({ search }: QuickstartResult): Section {
  const last = search.at(-1)!;
  return {
    heading: "Stochastic search and succeed",
    text: [
      `In each round the network drives on tracks of its own and the teacher labels the frames it sees. A nonzero weight and a zero are swapped wherever that lowers the imitation loss and does not lower the action accuracy: ${last.neighbours} neighbours were tried and ${last.accepted} swaps made. The network that a round found replaces the one before only if it wins a race: first on the tracks on which the one before drives worst, then, by a significant margin, on tracks that decided nothing until then.`,
    ],
    table: {
      columns: ["round", "gain in the final", "tracks", "won", "action accuracy", "neighbours", "swaps"],
      rows: search.map(({ round, gain, error, tracks, won, accuracy, neighbours, accepted }) => [
        round,
        tracks === 0 ? "lost in the heats" : `${gain.toFixed(1)} ± ${error.toFixed(1)}`,
        tracks,
        won ? "yes" : "no",
        `${(100 * accuracy).toFixed(1)} %`,
        neighbours,
        accepted,
      ]),
    },
  };
}

function weightSection({ layers }: QuickstartResult): Section {
  return {
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
  };
}

/** One series a phase, smoothed; steps are counted through all phases. */
function lossSeries(curve: QuickstartResult["curve"]): Series[] {
  let before = 0;
  return curve.map(({ phase, losses }) => {
    const points: [number, number][] = [];
    for (let i = 0; i + SMOOTHING <= losses.length; i += SMOOTHING) {
      const part = losses.slice(i, i + SMOOTHING);
      points.push([before + i + SMOOTHING / 2, part.reduce((sum, loss) => sum + loss, 0) / SMOOTHING]);
    }
    before += losses.length;
    return { name: phase, points };
  });
}
