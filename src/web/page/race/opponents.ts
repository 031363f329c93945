/** Who can be raced: the expert and the teacher, a network, or the ghost of a recording. */
import { ExpertPolicy } from "../../../../policies/expert/expert.ts";
import { TeacherPolicy } from "../../../../policies/expert/teacher.ts";
import type { Policy } from "../../../../policies/policy.ts";
import { TernaryPolicy } from "../../../../policies/ternary/policy.ts";
import type { Episode } from "../../../../recordings/episode.ts";
import type { NetworkLibrary } from "../networks/library.ts";
import { Timeline } from "../run/timeline.ts";
import { type World, worldOf } from "../run/worlds.ts";

export interface Opponent {
  readonly name: string;
  readonly run: Timeline;
  /** Goes to the start of a track. */
  begin(seed: number | bigint): void;
  /** Drives one step, unless its episode is over. */
  step(): void;
  readonly over: boolean;
}

const EXPERTS: Readonly<Record<string, () => Policy<unknown>>> = {
  teacher: () => new TeacherPolicy(),
  expert: () => new ExpertPolicy(),
};
export const EXPERT_NAMES = Object.keys(EXPERTS);

/** @param name one of `EXPERT_NAMES` */
export async function expertOpponent(name: string, world: World): Promise<Opponent> {
  return new PolicyOpponent(EXPERTS[name](), await Timeline.create(world, false));
}

/** @throws CorruptFile, or an Error when the network cannot be had */
export async function networkOpponent(
  name: string,
  networks: NetworkLibrary,
  world: World,
): Promise<Opponent> {
  const { network } = await networks.open(name);
  return new PolicyOpponent(await TernaryPolicy.create(network, name), await Timeline.create(world));
}

/** Drives its recording again; its track and rules are the recording's. */
export async function ghostOpponent(name: string, episode: Episode): Promise<Opponent> {
  return new GhostOpponent(name, episode, await Timeline.create(worldOf(episode), false));
}

class PolicyOpponent implements Opponent {
  readonly name: string;
  readonly run: Timeline;
  private readonly policy: Policy<Uint8Array>;
  private planned: number | bigint | null = null;

  constructor(policy: Policy<Uint8Array>, run: Timeline) {
    this.name = policy.name;
    this.policy = policy;
    this.run = run;
  }

  begin(seed: number | bigint): void {
    this.run.begin(seed);
    // The expert plans for most of a second: not again for a track that it knows.
    if (seed !== this.planned) this.policy.reset(this.run.car, seed);
    this.planned = seed;
  }

  step(): void {
    if (!this.over) this.run.advance(this.policy.act(this.run.observation));
  }

  get over(): boolean {
    return this.run.ending !== null;
  }
}

class GhostOpponent implements Opponent {
  readonly name: string;
  readonly run: Timeline;
  private readonly episode: Episode;

  constructor(name: string, episode: Episode, run: Timeline) {
    this.name = name;
    this.episode = episode;
    this.run = run;
  }

  begin(): void {
    this.run.load(this.episode);
  }

  step(): void {
    this.run.replay();
  }

  get over(): boolean {
    return this.run.steps === this.run.length;
  }
}
