/** Options of `search`, by rule: what all rules take, the rules that go through layers, rounds, and rules of one's own. */
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { type Family, SwapDrawer } from "../../policies/ternary/swap.ts";
import type { Examples } from "../data/examples.ts";
import type { Measure } from "./engine/fitness.ts";
import type { EngineMaker } from "./engine/fitness-engine.ts";
import type { RoundsRuleOptions, RoundsStep } from "./rounds/options.ts";
import type { FitnessName, RewardFunction, Rule, Scores, SearchTotals } from "./rule.ts";
import type { LayerStep } from "./rules/layer-rule.ts";
import type { Order } from "./rules/order.ts";

/**
 * "paper": Algorithm 1, goes to the best neighbour unless it is worse. "strict": Algorithm 2, only if it is better.
 * "climb": our own (`rules/climb.ts`, and `rules/rotation.ts` for more than 12,000 examples). "rounds": drive, label and
 * search in turn (`rounds/rounds.ts`), for networks that drive.
 */
export type RuleName = "paper" | "strict" | "climb" | "rounds";

/** Options of every rule. */
export interface CommonSearchOptions<Step extends object> {
  /** Names of the layers to search, in this order. Default: all, the last first. */
  layers?: readonly string[] | undefined;
  /** Swaps that are allowed: "same" keeps the counts of -1 and +1 in every layer, "free" does not. Default: "same". */
  family?: Family | undefined;
  /** Seed of all that is drawn, a whole number from 0 up. Default: 0. */
  seed?: number | undefined;
  /** Ends the search after the step in which so many neighbours have been tried, 1 or more. Default: no limit. */
  budget?: number | undefined;
  /** Makes the engines that measure; the result does not depend on them. Default: `DeltaEngine.create`. */
  engines?: EngineMaker | undefined;
  /** Called after every step; a promise is awaited. Default: nothing. */
  onProgress?: ((progress: SearchProgress<Step>) => void | Promise<void>) | undefined;
  /** Called before every step; the search ends there if it returns true. Default: it never does. */
  shouldStop?: (() => boolean) | undefined;
  /**
   * Called after every step with a function that serialises a checkpoint of it, for `resume`; a promise is awaited. The
   * function is to be called before the next step. Default: nothing.
   */
  onCheckpoint?: ((checkpoint: () => Uint8Array) => void | Promise<void>) | undefined;
  /** A checkpoint of a search with the same options: the search goes on from there, to the same result. Default: none. */
  resume?: Uint8Array | undefined;
}

/** Examples to search on, to choose by and to report on. */
export interface SearchSets {
  /** Examples to search on. Only fitness "reward" does without. */
  data?: Examples | undefined;
  /**
   * Examples that are not searched on. The result is the network of the step that measured best on them; where driving
   * reward counts, no step may lower their measure instead. Default: none.
   */
  validation?: Examples | undefined;
  /** Examples that are only measured, before and after. Default: none. */
  test?: Examples | undefined;
  /** Driving reward of a network; fitness "reward" and "both" need it. Default: none. */
  reward?: RewardFunction | undefined;
}

/** Options of the rules "paper", "strict" and "climb", which make one step in one layer after another. */
export interface SearchOptions extends CommonSearchOptions<LayerStep>, SearchSets {
  /** Default: "climb"; with fitness "reward" "paper". "climb" follows the loss and does not go with "reward". */
  rule?: "paper" | "strict" | "climb" | undefined;
  /** The measure by which neighbours are compared: see FitnessName. Default: "accuracy". */
  fitness?: Measure | "reward" | "both" | undefined;
  /** Neighbours of a neighbourhood, 1 or more. Default: 1000; with fitness "reward" 8; where inputs come in batches 3000. */
  neighbours?: number | undefined;
  /** Most neighbourhoods a layer and pass, the paper's n_k. Default: 1 for "climb", otherwise 10. */
  neighbourhoods?: number | undefined;
  /** Passes through the layers. Default: 3; where inputs come in batches 300. */
  rounds?: number | undefined;
  /** Order of the steps. Default: "fixed"; where inputs come in batches "yield". */
  order?: Order | undefined;
}

/** Options of the rule "rounds". */
export interface RoundsOptions extends CommonSearchOptions<RoundsStep>, RoundsRuleOptions {
  /** Default: "rounds" for a car network without `data` and `reward` where driving decides. */
  rule?: "rounds" | undefined;
  /** The measure by which networks are compared: see FitnessName. Default: "both". */
  fitness?: "imitation" | "reward" | "both" | undefined;
}

/** Options of a rule of one's own, which decides what becomes of the validation examples: see `RuleRun.finish`. */
export interface OwnRuleOptions<Step extends object> extends CommonSearchOptions<Step>, SearchSets {
  /** The rule. */
  rule: Rule<Step>;
  /** Passed on to the rule; `before` and `after` measure it. Default: "accuracy". */
  fitness?: Measure | "reward" | "both" | undefined;
}

/** Progress up to and with a step. */
export interface SearchProgress<Step extends object = LayerStep> extends Omit<SearchTotals, "before"> {
  /** The step that was made. */
  step: Step;
  /** Share of the search that lies behind, 0 to 1; a search may end before it is 1. */
  done: number;
}

/** The outcome of a search. */
export interface SearchResult<Step extends object = LayerStep> {
  /** The found network; the one that the search began from is left as it was. */
  network: TernaryNetwork;
  /** Scores of the network to begin from. */
  before: Scores;
  /** Scores of the found network. */
  after: Scores;
  /** Neighbours evaluated. */
  neighbours: number;
  /** Swaps kept when they were made, whether or not they are part of the found network. */
  accepted: number;
  /** Every step; of a resumed search those after its checkpoint. */
  log: Step[];
}

/** Options of any rule that has a name, as they come from a command line. */
export interface AnySearchOptions
  extends CommonSearchOptions<LayerStep | RoundsStep>,
    SearchSets,
    Pick<SearchOptions, "neighbours" | "neighbourhoods" | "order">,
    RoundsRuleOptions {
  /** Default: "rounds", "paper" or "climb", see `SearchOptions` and `RoundsOptions`. */
  rule?: RuleName | undefined;
  /** Default: "accuracy"; for rule "rounds" "both". */
  fitness?: FitnessName | undefined;
}

/**
 * Checks the layers to search.
 * @throws {@link InvalidOption} where there is none, where one does not exist or has nothing to swap, or is named twice
 */
export function checkLayers(network: TernaryNetwork, layers: readonly string[]): void {
  if (layers.length === 0) throw new InvalidOption("layers: expected at least one, got none");
  layers.forEach((layer, i) => {
    // The drawer refuses a layer without a zero or a nonzero weight.
    new SwapDrawer(network, layer);
    if (layers.indexOf(layer) < i)
      throw new InvalidOption(`layers: expected each layer once, got ${describe(layer)} twice`);
  });
}

/** @throws {@link InvalidOption} unless `value` is one of the names */
export function checkName(option: string, value: string, names: readonly string[]): void {
  if (!names.includes(value))
    throw new InvalidOption(`${option}: expected ${names.join(", ")}, got ${describe(value)}`);
}

/**
 * Checks a whole number.
 * @returns the value
 * @throws {@link InvalidOption} unless it is a whole number from `least` up
 */
export function wholeNumber(option: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidOption(`${option}: expected a whole number from ${least} up, got ${describe(value)}`);
}
