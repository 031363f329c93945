/**
 * The contract between a search and its rule. A rule decides which neighbours are looked at and where the network goes;
 * `search.ts` does the rest: it draws from one seed, saves checkpoints between steps, reports, and stops in time.
 *
 * A rule is started with a context, makes one step after another until it has nothing left to do, and may then name the
 * network that it found. What it remembers between steps, beside the network and the random numbers, is a plain record
 * that checkpoints hold; what can be made again from these (engines, frames) it makes again when a search is resumed.
 */
import type { Random } from "../../env/random.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import type { Family } from "../../policies/ternary/swap.ts";
import type { Identity } from "../data/checkpoint.ts";
import type { Examples } from "../data/examples.ts";
import type { Measure } from "./engine/fitness.ts";
import type { EngineMaker } from "./engine/fitness-engine.ts";

/**
 * The measure by which networks are compared: one on examples, or how they drive. "imitation": lower imitation loss on frames that
 * the network itself meets, and the best mean driving reward at the end. "reward": driving reward alone. "both": a change
 * stays only where neither driving reward nor action accuracy falls.
 */
export type FitnessName = Measure | "imitation" | "reward" | "both";

/** True if driving reward decides, alone or with others, which networks a search keeps. */
export function countsReward(fitness: FitnessName): boolean {
  return fitness === "reward" || fitness === "both";
}

/** The measure on examples that belongs to a fitness: action accuracy where driving decides. */
export function measureOf(fitness: FitnessName): Measure {
  return fitness === "imitation" || countsReward(fitness) ? "accuracy" : (fitness as Measure);
}

/**
 * Lets a network drive and returns its mean driving reward, the larger the better; equal networks must give equal rewards.
 * A search calls it for all candidates of a step at once and awaits them together, so that a function which hands its work
 * to threads has them evaluated in parallel.
 */
export type RewardFunction = (network: TernaryNetwork) => number | Promise<number>;

/** Measures of a network, larger is better: accuracies from 0 to 1, or minus losses where loss is the fitness. */
export interface Scores {
  /** On the examples that are searched on. Driving reward where a search has no examples. */
  train: number;
  /** On the validation examples, if there are any. */
  validation?: number;
  /** On the test examples, if there are any. */
  test?: number;
  /** Mean driving reward, where the network drives. */
  reward?: number;
}

/** The network, the examples and the tools that a rule works with. */
export interface SearchContext {
  /** The network at work: steps change its weights in place. At the start a copy of the one to begin from. */
  readonly network: TernaryNetwork;
  /** All chance of a search comes from here. Checkpoints hold its state. */
  readonly random: Random;
  /** Names of the layers to search, in their order; each has a zero and a nonzero weight. */
  readonly layers: readonly string[];
  /** Swaps that are allowed. */
  readonly family: Family;
  /** The measure by which networks are compared. */
  readonly fitness: FitnessName;
  /** Examples to search on. */
  readonly data?: Examples | undefined;
  /** Examples to choose by. */
  readonly validation?: Examples | undefined;
  /** Examples that nothing depends on. */
  readonly test?: Examples | undefined;
  /** Driving reward of a network. */
  readonly reward?: RewardFunction | undefined;
  /** Makes engines that measure neighbours, on as many threads as the search has. */
  readonly engines: EngineMaker;
}

/** Totals of a search so far, with the steps before the checkpoint that it was resumed from. */
export interface SearchTotals {
  /** Scores of the network before the search. */
  readonly before: Scores;
  /** Steps made. */
  readonly steps: number;
  /** Neighbours evaluated. */
  readonly neighbours: number;
  /** Swaps kept when they were made. */
  readonly accepted: number;
}

/** One step that was made. */
export interface StepReport<Step extends object> {
  /** The step's line of the log: a plain record, of any fields. */
  log: Step;
  /** Neighbours evaluated in this step. */
  neighbours: number;
  /** Swaps kept in this step. */
  accepted: number;
  /** Share of the search that lies behind, 0 to 1. */
  done: number;
}

/** A rule at work. */
export interface RuleRun<Step extends object = object> {
  /** Memory of the rule for checkpoints: JSON values and typed arrays. Default: nothing to remember. */
  readonly state?: object;
  /** Makes the next step; null where there is none left. */
  step(totals: SearchTotals): Promise<StepReport<Step> | null>;
  /** The network found, called once after the last step. Default: the network at work. */
  finish?(): TernaryNetwork | Promise<TernaryNetwork>;
  /** Scores of a network. Default: measures on the context's examples, and its reward. */
  scores?(network: TernaryNetwork): Promise<Scores>;
  /** Gives back what the rule holds. */
  close?(): void;
}

/** A way to search: see the example in docs/search.md. */
export interface Rule<Step extends object = object> {
  /** Its name, which checkpoints hold. */
  readonly name: string;
  /** Options and content that a resumed search must have as they were, beside those of every search. Default: none. */
  identity?(context: SearchContext): Partial<Identity>;
  /**
   * Gets ready for the first step, or for the next one of a resumed search.
   * @param state the `state` of the checkpoint, if the search is resumed; the network and the random numbers are restored
   */
  // biome-ignore lint/suspicious/noExplicitAny: a rule declares the type of its own state; checkpoints do not know it
  start(context: SearchContext, state?: any): RuleRun<Step> | Promise<RuleRun<Step>>;
}
