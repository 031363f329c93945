/** One line about a recording, made from its text; on the server for the folder, in the page for its own storage. */
import { parseEpisode, totalReward } from "../../../recordings/episode.ts";
import type { Listed } from "./store.ts";

export function summarize(name: string, text: string): Listed {
  try {
    const episode = parseEpisode(text, name);
    return {
      name,
      seed: String(episode.seed),
      steps: episode.rewards.length,
      reward: totalReward(episode),
      end: episode.end,
      driver: episode.driver.name,
    };
  } catch (error) {
    return { name, error: (error as Error).message };
  }
}
