/**
 * Drivers that follow a racing line, and their episodes. Planning the line takes up to 0.7 s, so `opponents.ts` has the
 * whole episode driven in a worker and replays it in the page.
 */
import { ExpertPolicy } from "../../../../policies/expert/expert.ts";
import { TeacherPolicy } from "../../../../policies/expert/teacher.ts";
import type { Policy } from "../../../../policies/policy.ts";
import type { Episode } from "../../../../recordings/episode.ts";
import { Timeline } from "../run/timeline.ts";
import type { World } from "../run/worlds.ts";

/** Pace of the beginner, percent of the teacher's best. */
const BEGINNER_PACE = 60;

const EXPERTS: Readonly<Record<string, () => Policy<unknown>>> = {
  beginner: () => new TeacherPolicy({ pace: BEGINNER_PACE }),
  teacher: () => new TeacherPolicy(),
  expert: () => new ExpertPolicy(),
};

/** Names of the drivers, slowest first. */
export const EXPERT_NAMES = Object.keys(EXPERTS);

/** An episode to be driven. */
export interface ExpertTask {
  /** One of `EXPERT_NAMES`. */
  name: string;
  /** Rules of the episode. */
  world: World;
  /** Seed of the track. */
  seed: number | bigint;
}

/** Drives a whole episode. */
export async function driveExpert({ name, world, seed }: ExpertTask): Promise<Episode> {
  const policy = EXPERTS[name]();
  const run = await Timeline.create(world, false);
  run.begin(seed);
  policy.reset(run.car, seed);
  const action = new Float32Array(3);
  while (!run.ending) {
    action.set(policy.act(run.observation) as Float32Array);
    run.advance(action);
  }
  const episode = run.episode({ kind: "expert", name });
  run.close();
  return episode;
}
