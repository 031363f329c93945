/** The rules by which an episode is driven. */
import type { Episode } from "../../../../recordings/episode.ts";

/** What an episode is driven in. */
export type World = Pick<Episode, "environment" | "options">;

/** What the page's choice of rules is called in its form. */
export type RulesName = "free" | "scored";

/**
 * Free: ten minutes, and the start line ends the lap once 95 % of the tiles are done. Gymnasium's own rule lets a car
 * that missed a single tile drive on for ever, and its 20 s are short for a person.
 */
export const WORLDS: Readonly<Record<RulesName, World>> = {
  free: {
    environment: { id: "CarRacing-v3", kwargs: { completionFix: true }, maxEpisodeSteps: 30_000 },
    options: {},
  },
  /** Gymnasium's. */
  scored: { environment: { id: "CarRacing-v3", kwargs: {}, maxEpisodeSteps: 1000 }, options: {} },
};

export function worldOf({ environment, options }: Episode): World {
  return { environment, options };
}

/** Whether rewards in this world count as scores: it is Gymnasium's CarRacing-v3 as `make` gives it. */
export function isScored({ environment: { kwargs, maxEpisodeSteps } }: World): boolean {
  return maxEpisodeSteps === 1000 && Object.keys(kwargs).length === 0;
}
