/**
 * Episodes for a search in rounds, driven in this thread. `pooled-episodes.ts` has a pool of threads or machines drive them.
 * Results depend on network and seed alone, so that a search finds the same network whoever drives.
 */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../../policies/ternary/policy.ts";
import type { CarExamples } from "../../data/examples.ts";
import { makeFor, runEpisode } from "../../episodes/evaluate.ts";
import { networkFrames, teacherFrames } from "../../episodes/labelled-frames.ts";

/** Drives episodes for a search. */
export interface EpisodeSource {
  /** Driving rewards: those of each network, in the order of the seeds. */
  rewards(networks: readonly TernaryNetwork[], seeds: readonly number[]): Promise<number[][]>;
  /**
   * Frames labelled by the teacher: one set for each seed. The network drives, helped where it is lost; with null the
   * teacher drives, its hand unsteady.
   */
  frames(driver: TernaryNetwork | null, seeds: readonly number[]): Promise<CarExamples[]>;
}

/**
 * Episodes driven in this thread, one after another.
 * @param onEpisode called after every episode and awaited, to show progress. Default: nothing
 */
export function localEpisodes(onEpisode: () => void | Promise<void> = () => {}): EpisodeSource {
  return {
    async rewards(networks, seeds) {
      const rewards: number[][] = [];
      for (const network of networks) {
        const policy = await TernaryPolicy.create(network);
        const env = await makeFor(policy, {});
        const own: number[] = [];
        for (const seed of seeds) {
          own.push(runEpisode(env, policy, seed).reward);
          await onEpisode();
        }
        env.close();
        rewards.push(own);
      }
      return rewards;
    },
    async frames(driver, seeds) {
      const sets: CarExamples[] = [];
      for (const seed of seeds) {
        sets.push(
          await (driver ? networkFrames(driver, { seeds: [seed] }) : teacherFrames({ seeds: [seed] })),
        );
        await onEpisode();
      }
      return sets;
    },
  };
}
