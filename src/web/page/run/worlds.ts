/** The rules by which an episode is driven: environment, options and step limit. */
import { EPISODE_STEPS } from "../../../../env/car-racing/core/constants.ts";
import type { Episode } from "../../../../recordings/episode.ts";

/** An environment and the options of its reset. */
export type World = Pick<Episode, "environment" | "options">;

/** Value of the page's choice of rules. */
export type RulesName = "free" | "scored";

/**
 * The rules to choose from. Free allows ten minutes and ends the lap at the start line once 95 % of the tiles are
 * visited: by Gymnasium's own rule a car that missed one tile would drive for ever, and 20 s are short for a person.
 * Scored is Gymnasium's CarRacing-v3.
 */
export const WORLDS: Readonly<Record<RulesName, World>> = {
  free: {
    environment: { id: "CarRacing-v3", kwargs: { completionFix: true }, maxEpisodeSteps: 30_000 },
    options: {},
  },
  scored: { environment: { id: "CarRacing-v3", kwargs: {}, maxEpisodeSteps: EPISODE_STEPS }, options: {} },
};

/** The rules by which a recording was driven. */
export function worldOf({ environment, options }: Episode): World {
  return { environment, options };
}

/** True if rewards under these rules count as scores, as in the CarRacing-v3 that `make` gives by default. */
export function isScored({ environment: { kwargs, maxEpisodeSteps } }: World): boolean {
  return maxEpisodeSteps === EPISODE_STEPS && Object.keys(kwargs).length === 0;
}
