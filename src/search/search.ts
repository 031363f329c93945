/**
 * Stochastic search and succeed (SSS): improves a ternary network by swaps of its weights, without a gradient.
 * Deterministic: the same network, data, options and seed give the same result on every machine.
 */

import { InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { cloneNetwork, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { applySwap, type Family, type Swap } from "../../policies/ternary/swap.ts";
import { countExamples, type Examples } from "../data/examples.ts";
import { checkSame, type Identity, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { checkLayers, checkName, FAMILIES, positive } from "./checks.ts";
import { DeltaEngine, measureNetwork } from "./engine/delta-engine.ts";
import { checkMeasure, dataFingerprint, type Measure } from "./engine/fitness.ts";
import type { EngineMaker } from "./engine/fitness-engine.ts";
import { networkFingerprint } from "./fingerprint.ts";
import { climbStep, inverse } from "./rules/climb.ts";
import {
  advance,
  type Cursor,
  doneShare,
  firstCursor,
  neighbourCost,
  type Order,
  type Plan,
} from "./rules/order.ts";
import {
  type FitnessName,
  measureOf,
  paperStep,
  type RewardFunction,
  type RuleContext,
  type Step,
} from "./rules/paper.ts";
import { MOST_WHOLE, rotatingStep } from "./rules/rotation.ts";

/**
 * "paper": Algorithm 1, takes the best neighbour if it is not worse. "strict": Algorithm 2, only if it is better.
 * "climb": our own, `climb.ts`, and `rotation.ts` for more than 12,000 inputs.
 */
export type RuleName = "paper" | "strict" | "climb";

export interface SearchOptions {
  /** What is searched on. */
  data: Examples;
  /**
   * Inputs that are not searched on. The result is the network of the step that measured best on them; where driving
   * reward counts, no step may lower their measure.
   */
  validation?: Examples | undefined;
  /** Only measured before and after. */
  test?: Examples | undefined;
  /** Default "accuracy". "reward" and "both" need `reward`. */
  fitness?: FitnessName | undefined;
  reward?: RewardFunction | undefined;
  /** Names of the layers, in the order in which they are searched. Default: all, the last first. */
  layers?: readonly string[] | undefined;
  /** Default "climb"; fitness "reward" takes "paper" or "strict" only, and has "paper" as default. */
  rule?: RuleName | undefined;
  /** Neighbours a neighbourhood; default 1000, with fitness "reward" 8, for data that come in batches 3000. */
  neighbours?: number | undefined;
  /** Most neighbourhoods a layer and round, the paper's n_k; default 1 for "climb", otherwise 10. */
  neighbourhoods?: number | undefined;
  /** Times through the layers; default 3, and 300 for data that come in batches. */
  rounds?: number | undefined;
  /** In which order steps are made in the layers; default "yield" for data that come in batches, otherwise "fixed". */
  order?: Order | undefined;
  /** Ends after the step in which so many neighbours have been tried: a limit that is the same on every machine. */
  budget?: number | undefined;
  /** Default "same". */
  family?: Family | undefined;
  /** Default 0. */
  seed?: number | undefined;
  /** Called after every step; a promise is awaited. */
  onProgress?: ((progress: SearchProgress) => void | Promise<void>) | undefined;
  /** Asked after every step whether to end here: a time limit, a key. */
  shouldStop?: (() => boolean) | undefined;
  /** Told after every step what makes the bytes of a checkpoint for `resume`; write them atomically, now and then. */
  onCheckpoint?: ((checkpoint: () => Uint8Array) => void | Promise<void>) | undefined;
  /** Bytes of a checkpoint of a search with the same options: goes on from there, to the same result. */
  resume?: Uint8Array | undefined;
  /** Who measures; the result does not depend on it. Default: this thread. */
  engines?: EngineMaker | undefined;
}

export interface SearchProgress {
  step: Step;
  /** Steps so far, with those before the checkpoint that the search goes on from. */
  steps: number;
  /** Neighbours and accepted swaps so far. */
  neighbours: number;
  accepted: number;
  /** Share of the steps that lie behind, 0 to 1: a layer may end before its last neighbourhood. */
  done: number;
}

/** Measures of a network: accuracies, or minus losses when loss is the fitness. */
export interface Scores {
  train: number;
  validation?: number;
  test?: number;
  /** Mean driving reward, when `reward` was given. */
  reward?: number;
}

export interface SearchResult {
  network: TernaryNetwork;
  before: Scores;
  after: Scores;
  neighbours: number;
  accepted: number;
  /** Every step; of a search that goes on from a checkpoint those after it. */
  log: Step[];
}

/** Steps in batches without a better validation measure after which a search ends. */
const PATIENCE = 60;

/** What a checkpoint holds beside the network. */
interface State {
  /** The best validation measure so far, and the swaps made since: taken back at the end. */
  best: { validation: number; since: Swap[]; steps: number };
  cursor: Cursor;
  random: number[];
  before: Scores;
  neighbours: number;
  accepted: number;
  bestReward: number;
  steps: number;
  identity: Identity;
}

const FITNESSES: readonly FitnessName[] = ["accuracy", "loss", "margin", "reward", "both"];
const RULES: readonly RuleName[] = ["paper", "strict", "climb"];
const ORDERS: readonly Order[] = ["fixed", "alternating", "yield"];

/** Searches from `network`, which is left as it is. Throws `InvalidOption` on options that do not fit together. */
export async function search(network: TernaryNetwork, options: SearchOptions): Promise<SearchResult> {
  const { fitness = "accuracy", reward, data } = options;
  const rule = options.rule ?? (fitness === "reward" ? "paper" : "climb");
  const byReward = fitness === "reward" || fitness === "both";
  const rotates = rule === "climb" && !byReward && countExamples(data) > MOST_WHOLE;
  const layers = options.layers ?? network.architecture.layers.map((layer) => layer.name).reverse();
  checkLayers(network, layers);
  checkName("fitness", fitness, FITNESSES);
  checkName("rule", rule, RULES);
  if (byReward && !reward) throw new InvalidOption(`fitness "${fitness}" needs a reward function`);
  if (fitness === "reward" && rule === "climb")
    throw new InvalidOption('rule "climb" follows the loss: fitness "reward" takes rule "paper" or "strict"');
  const neighbours = positive(
    "neighbours",
    options.neighbours ?? (fitness === "reward" ? 8 : rotates ? 3000 : 1000),
  );
  const neighbourhoods = positive("neighbourhoods", options.neighbourhoods ?? (rule === "climb" ? 1 : 10));
  const rounds = positive("rounds", options.rounds ?? (rotates ? 300 : 3));
  const budget = positive("budget", options.budget ?? Number.MAX_SAFE_INTEGER);
  const order = options.order ?? (rotates ? "yield" : "fixed");
  checkName("order", order, ORDERS);
  const plan: Plan = { order, layers, neighbourhoods, rounds };
  const costs = layers.map((layer) => neighbourCost(network, layer));

  const family = options.family ?? "same";
  checkName("family", family, FAMILIES);
  const seed = options.seed ?? 0;
  const identity: Identity = {
    options: {
      ...{ rule, fitness, layers, order, family, seed },
      ...{ rounds, neighbours, neighbourhoods, budget: options.budget },
    },
    content: {
      "another network to begin from": networkFingerprint(network),
      "other data": dataFingerprint(data),
      "other validation data": options.validation ? dataFingerprint(options.validation) : 0,
    },
  };
  const saved = options.resume && readCheckpoint<State>(options.resume);
  if (saved) checkSame(saved.state.identity, identity);
  const found = cloneNetwork(saved ? saved.network : network);
  const random = new Random(seed);
  const makeEngine = options.engines ?? ((...args) => DeltaEngine.create(...args));
  const measure = measureOf(fitness);
  checkMeasure(data, measure);
  const engine = rotates ? undefined : await makeEngine(found, data, layers);
  const validation =
    rotates || !options.validation ? undefined : await makeEngine(found, options.validation, layers);
  const trainMeasure = async () => engine?.measure(measure) ?? measureBy(makeEngine, found, data, measure);
  const validationMeasure = async () =>
    options.validation &&
    (validation?.measure(measure) ?? measureBy(makeEngine, found, options.validation, measure));
  const score = async (): Promise<Scores> => {
    const onValidation = await validationMeasure();
    return {
      train: await trainMeasure(),
      ...(onValidation !== undefined && { validation: onValidation }),
      ...(options.test && { test: await measureNetwork(found, options.test, measure) }),
      ...(reward && { reward: await reward(found) }),
    };
  };
  try {
    const before = saved ? saved.state.before : await score();
    const state: State = saved?.state ?? {
      best: { validation: before.validation ?? 0, since: [], steps: 0 },
      cursor: firstCursor(plan, costs),
      random: [],
      before,
      neighbours: 0,
      accepted: 0,
      bestReward: before.reward ?? 0,
      steps: 0,
      identity,
    };
    if (saved) random.restore(Uint32Array.from(state.random));
    const rules = { random, layers, family, fitness, neighbours };
    const context: RuleContext | undefined = engine && {
      ...rules,
      engine,
      validation,
      reward: byReward ? reward : undefined,
      bestReward: state.bestReward,
    };
    const nextStep = () =>
      !context
        ? rotatingStep(
            { ...rules, network: found, data, engines: makeEngine, costs },
            state.cursor,
            state.steps,
          )
        : rule === "climb"
          ? climbStep(context, state.cursor)
          : paperStep(context, state.cursor, rule === "strict");
    const isOver = () =>
      state.cursor.round >= rounds ||
      state.neighbours >= budget ||
      (rotates && options.validation && state.steps - state.best.steps >= PATIENCE);
    const log: Step[] = [];
    while (!isOver() && !options.shouldStop?.()) {
      const { cursor } = state;
      const { step, taken, layerEnds, gain, evaluations } = await nextStep();
      const work = Math.max(1, evaluations * costs[cursor.layer]);
      state.steps++;
      state.neighbours += step.neighbours;
      state.accepted += step.accepted;
      if (context) state.bestReward = context.bestReward;
      const onValidation = await validationMeasure();
      if (onValidation !== undefined) step.validation = onValidation;
      state.best.since.push(...taken);
      const { best } = state;
      // What batches bring to a trained network may be equal there and worse elsewhere: then it stays as it was.
      const keepsEqual = !rotates || best.steps > 0;
      if (
        byReward ||
        onValidation === undefined ||
        onValidation > best.validation ||
        (keepsEqual && onValidation === best.validation)
      )
        state.best = { validation: onValidation ?? 0, since: [], steps: state.steps };
      log.push(step);
      advance(cursor, plan, costs, layerEnds, gain / work);
      const { steps, neighbours, accepted } = state;
      await options.onProgress?.({ step, steps, neighbours, accepted, done: doneShare(cursor, plan) });
      await options.onCheckpoint?.(() => {
        state.random = [...random.state()];
        return writeCheckpoint(found, state);
      });
    }
    const { neighbours: evaluated, accepted, best } = state;
    const result = { before, neighbours: evaluated, accepted, log };
    if (best.since.length === 0) return { ...result, network: found, after: await score() };
    // A copy: a checkpoint of the last step may still be written.
    const network = cloneNetwork(found);
    for (const swap of best.since.toReversed()) applySwap(network, inverse(swap));
    const after: Scores = {
      train: await measureBy(makeEngine, network, data, measure),
      validation: best.validation,
      ...(options.test && { test: await measureNetwork(network, options.test, measure) }),
      ...(reward && { reward: await reward(network) }),
    };
    return { ...result, network, after };
  } finally {
    engine?.close();
    validation?.close();
  }
}

/** A measure by a full forward pass, which engines on several threads share. */
async function measureBy(
  engines: EngineMaker,
  network: TernaryNetwork,
  data: Examples,
  measure: Measure,
): Promise<number> {
  const { layers } = network.architecture;
  const engine = await engines(network, data, [layers[layers.length - 1].name]);
  const mean = engine.measure(measure);
  engine.close();
  return mean;
}
