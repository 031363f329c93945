/** A recording as a drive: its actions drive, and at the end it is known whether the same came out. */
import { type Episode, hashObservation, totalReward } from "../../../recordings/episode.ts";
import { Drive, type DriveEvents } from "./drive.ts";
import { makeRecordedWorld } from "./world.ts";

/** Nobody has to get ready, but a moment at the start shows where it is. Milliseconds. */
const COUNTDOWNS = { start: 600, resume: 0 };

/** @throws TritrackError when the recording's environment cannot be made in this page */
export async function makeReplay(episode: Episode, events: Omit<DriveEvents, "save">): Promise<Drive> {
  const world = await makeRecordedWorld(episode);
  const control = (action: Float32Array, step: number) => {
    if (step >= episode.rewards.length) return false;
    action.set(episode.actions.subarray(3 * step, 3 * step + 3));
    return true;
  };
  return new Drive(world, control, { ...events, save: () => {} }, COUNTDOWNS);
}

/** Whether a replay that has ended gave the recorded rewards and the recorded last observation. */
export function replaysExactly(replay: Drive, episode: Episode): boolean {
  return (
    replay.steps === episode.rewards.length &&
    replay.reward === totalReward(episode) &&
    hashObservation(replay.observation) === episode.frameSha256
  );
}
