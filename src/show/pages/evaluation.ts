/** The report page of `tritrack eval`: how the rewards are spread, the worst tracks and one episode on film. */
import type { Evaluation } from "../../episodes/evaluate.ts";
import { rewardHistogram } from "../charts/histogram.ts";
import { trackMap } from "../charts/track-map.ts";
import type { DrivenLine } from "../video/film-episode.ts";
import { reportPage, type Section } from "./page.ts";

/** Number of tracks that are listed as the worst. */
const WORST = 5;

/** Contents of the page. */
export interface EvaluationReport {
  /** Rewards of the driver, by seed. */
  evaluation: Evaluation;
  /** The command that made them. */
  command: string;
  /** The filmed episode. */
  line: DrivenLine;
  /** Address of its video, relative to the page. */
  video: string;
}

/** The page as HTML text. */
export function evaluationReport({ evaluation, command, line, video }: EvaluationReport): string {
  const { policy, seeds, rewards, episodes, mean, sd, min, max, laps } = evaluation;
  const worst = seeds
    .map((seed, i) => ({ seed, reward: rewards[i] }))
    .sort((a, b) => a.reward - b.reward)
    .slice(0, WORST);
  return reportPage({
    title: `${policy} on ${episodes} ${episodes === 1 ? "track" : "tracks"}`,
    lead: `Driving reward ${mean.toFixed(1)} ± ${sd.toFixed(1)}: mean and standard deviation of one episode a track, at most 1000 steps each.`,
    sections: [
      {
        heading: "Driving reward",
        table: {
          columns: ["episodes", "mean", "sd", "min", "max", "laps finished"],
          rows: [
            [
              episodes,
              mean.toFixed(2),
              sd.toFixed(2),
              min.toFixed(2),
              max.toFixed(2),
              `${laps} of ${episodes}`,
            ],
          ],
        },
        svg: rewardHistogram(rewards),
        caption: "Episodes by driving reward; the red line is the mean.",
      },
      {
        heading: "Worst tracks",
        table: {
          columns: ["seed", "reward"],
          rows: worst.map(({ seed, reward }) => [seed, reward.toFixed(2)]),
        },
      },
      ...episodeSections(line, video, `Seed ${line.seed}, the first of the tracks, not the best`),
      { heading: "How it was made", code: command },
    ],
  });
}

/**
 * Two sections: an episode on film, and the line that the car drove.
 * @param video its address, relative to the page
 * @param which begins the caption: the episode, and the reason to show this one
 */
export function episodeSections(line: DrivenLine, video: string, which: string): Section[] {
  return [
    {
      heading: "An episode on film",
      video,
      caption: `${which}: ${line.steps} steps, driving reward ${line.reward.toFixed(1)}.`,
    },
    {
      heading: "The driven line",
      svg: trackMap(line),
      caption: `The line that the car drove on seed ${line.seed}, coloured by speed; the road is gray.`,
    },
  ];
}
