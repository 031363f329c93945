/** The report page of `tritrack eval`: how the rewards are spread, which tracks went worst, and one lap. */
import type { Evaluation } from "../episodes/evaluate.ts";
import { lapMap, rewardHistogram } from "./charts.ts";
import { reportPage, type Section } from "./page.ts";
import type { Lap } from "./video/lap.ts";

/** Tracks named as the worst. */
const WORST = 5;

export interface EvaluationReport {
  evaluation: Evaluation;
  /** The command that made it. */
  command: string;
  lap: Lap;
  /** Address of the lap's video, relative to the page. */
  video: string;
}

export function evaluationReport({ evaluation, command, lap, video }: EvaluationReport): string {
  const { policy, seeds, rewards, episodes, mean, sd, min, max, laps } = evaluation;
  const worst = seeds
    .map((seed, i) => ({ seed, reward: rewards[i] }))
    .sort((a, b) => a.reward - b.reward)
    .slice(0, WORST);
  return reportPage({
    title: `${policy} on ${episodes} ${episodes === 1 ? "track" : "tracks"}`,
    lead: `Driving reward ${mean.toFixed(1)} ± ${sd.toFixed(1)} (mean and standard deviation of one episode a track, at most 1000 steps each).`,
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
        caption: "How many episodes earned what; the red line is the mean.",
      },
      {
        heading: "Worst tracks",
        table: {
          columns: ["seed", "reward"],
          rows: worst.map(({ seed, reward }) => [seed, reward.toFixed(2)]),
        },
      },
      ...lapSections(lap, video, `Seed ${lap.seed}, the first of the tracks, not the best`),
      { heading: "How it was made", code: command },
    ],
  });
}

/** The lap on film and as a line. @param which track it is, and why that one */
export function lapSections(lap: Lap, video: string, which: string): Section[] {
  return [
    {
      heading: "A lap",
      video,
      caption: `${which}: ${lap.steps} steps, driving reward ${lap.reward.toFixed(1)}.`,
    },
    {
      heading: "The line it drove",
      svg: lapMap(lap),
      caption: `Where the car drove on seed ${lap.seed}, coloured by speed; the road is gray.`,
    },
  ];
}
