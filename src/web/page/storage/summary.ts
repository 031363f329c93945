/** One line about a recording, made from its text; on the server for the folder, in the page for its own storage. */
import { correctedSteps, type Episode, parseEpisode, totalReward } from "../../../../recordings/episode.ts";
import type { Listed, Result } from "./store.ts";

/** What CarRacing gives for leaving the field, in place of the step's reward. */
const LOST_REWARD = -100;

export function summarize(name: string, text: string): Listed {
  try {
    const episode = parseEpisode(text, name);
    return {
      name,
      seed: String(episode.seed),
      steps: episode.rewards.length,
      reward: totalReward(episode),
      result: resultOf(episode),
      driver: episode.driver.name,
      corrected: correctedSteps(episode),
    };
  } catch (error) {
    return { name, error: (error as Error).message };
  }
}

function resultOf({ end, rewards }: Episode): Result {
  if (end === "terminated") return rewards.at(-1) === LOST_REWARD ? "off field" : "lap";
  return end === "truncated" ? "time" : "interrupted";
}
