/**
 * Who drives for a search: this thread, or a pool of others. Each function depends on its arguments alone, so that the
 * result of a search does not depend on who did the work.
 */

import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../../policies/ternary/policy.ts";
import type { CarExamples } from "../../data/examples.ts";

import { makeFor, runEpisode } from "../../episodes/evaluate.ts";
import { networkFrames, teacherFrames } from "../../episodes/labelled-frames.ts";

export interface Drives {
  /** Driving reward of each network on each seed, [network][seed]. */
  rewards(networks: readonly TernaryNetwork[], seeds: readonly number[]): Promise<number[][]>;
  /**
   * Frames of one episode on each seed, labelled by the teacher, a set a seed: the network drives, helped where it is
   * lost, or, without one, the teacher with an unsteady hand.
   */
  frames(driver: TernaryNetwork | null, seeds: readonly number[]): Promise<CarExamples[]>;
}

/**
 * Everything in this thread.
 * @param onDrive told after every episode: time to show progress
 */
export function localDrives(onDrive: () => void | Promise<void> = () => {}): Drives {
  return {
    async rewards(networks, seeds) {
      const rewards: number[][] = [];
      for (const network of networks) {
        const policy = await TernaryPolicy.create(network);
        const env = await makeFor(policy, {});
        const own: number[] = [];
        for (const seed of seeds) {
          own.push(runEpisode(env, policy, seed).reward);
          await onDrive();
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
        await onDrive();
      }
      return sets;
    },
  };
}
