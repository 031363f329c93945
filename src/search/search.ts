/**
 * Stochastic search and succeed (SSS): improves a ternary network by swaps of its weights, without a gradient.
 * Deterministic: the same network, data, options and seed give the same result on every machine.
 */
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { cloneNetwork, layerIndex, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import type { Family } from "../../policies/ternary/swap.ts";
import { climbStep } from "./climb.ts";
import { DeltaEngine, measureNetwork } from "./engine.ts";
import type { SearchData } from "./fitness.ts";
import type { EngineMaker } from "./fitness-engine.ts";
import {
  type Cursor,
  type FitnessName,
  measureOf,
  paperStep,
  type RewardFunction,
  type RuleContext,
  type Step,
} from "./rules.ts";

/**
 * "paper": Algorithm 1, takes the best neighbour if it is not worse. "strict": Algorithm 2, only if it is better.
 * "climb": our own, `climb.ts`.
 */
export type RuleName = "paper" | "strict" | "climb";

export interface SearchOptions {
  /** What is searched on. */
  data: SearchData;
  /** Inputs that are not searched on; with them, no step may lower their measure. */
  validation?: SearchData | undefined;
  /** Only measured before and after. */
  test?: SearchData | undefined;
  /** Default "accuracy". "reward" and "both" need `reward`. */
  fitness?: FitnessName | undefined;
  reward?: RewardFunction | undefined;
  /** Names of the layers, in the order in which they are searched. Default: all, the last first. */
  layers?: readonly string[] | undefined;
  /** Default "climb"; fitness "reward" takes "paper" or "strict" only, and has "paper" as default. */
  rule?: RuleName | undefined;
  /** Neighbours a neighbourhood; default 1000, with fitness "reward" 8. */
  neighbours?: number | undefined;
  /** Most neighbourhoods a layer and round, the paper's n_k; default 1 for "climb", otherwise 10. */
  neighbourhoods?: number | undefined;
  /** Times through the layers; default 3. */
  rounds?: number | undefined;
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

/** What a checkpoint holds beside the network. */
interface State {
  cursor: Cursor;
  random: number[];
  before: Scores;
  neighbours: number;
  accepted: number;
  bestReward: number;
  steps: number;
  /** The options that must be the same, and the network's measure on the data, which tells other data apart. */
  options: string;
  train: number;
}

/** Metadata key of a checkpoint's state: a checkpoint is a network file. */
const STATE = "checkpoint";

/** Searches from `network`, which is left as it is. Throws `InvalidOption` on options that do not fit together. */
export async function search(network: TernaryNetwork, options: SearchOptions): Promise<SearchResult> {
  const { fitness = "accuracy", reward, rounds = 3, data } = options;
  const rule = options.rule ?? (fitness === "reward" ? "paper" : "climb");
  const layers = options.layers ?? network.architecture.layers.map((layer) => layer.name).reverse();
  for (const layer of layers) layerIndex(network.architecture, layer);
  if ((fitness === "reward" || fitness === "both") && !reward)
    throw new InvalidOption(`fitness "${fitness}" needs a reward function`);
  if (fitness === "reward" && rule === "climb")
    throw new InvalidOption('rule "climb" follows the loss: fitness "reward" takes rule "paper" or "strict"');
  const neighbours = positive("neighbours", options.neighbours ?? (fitness === "reward" ? 8 : 1000));
  const neighbourhoods = positive("neighbourhoods", options.neighbourhoods ?? (rule === "climb" ? 1 : 10));
  positive("rounds", rounds);

  const family = options.family ?? "same";
  const seed = options.seed ?? 0;
  const fixed = JSON.stringify({ rule, fitness, layers, family, neighbours, neighbourhoods, seed });
  const saved = options.resume && readCheckpoint(options.resume);
  if (saved && saved.state.options !== fixed)
    throw new InvalidOption(`the checkpoint is of another search: ${saved.state.options}; now ${fixed}`);
  const found = cloneNetwork(saved ? saved.network : network);
  const random = new Random(seed);
  const makeEngine = options.engines ?? ((...args) => DeltaEngine.create(...args));
  const engine = await makeEngine(found, data, layers);
  const validation = options.validation && (await makeEngine(found, options.validation, layers));
  const score = async (): Promise<Scores> => ({
    train: engine.measure(measureOf(fitness)),
    ...(validation && { validation: validation.measure(measureOf(fitness)) }),
    ...(options.test && { test: await measureNetwork(found, options.test, measureOf(fitness)) }),
    ...(reward && { reward: await reward(found) }),
  });
  try {
    if (saved && saved.state.train !== engine.measure(measureOf(fitness)))
      throw new InvalidOption("the checkpoint is of a search on other data");
    const before = saved ? saved.state.before : await score();
    const state: State = saved?.state ?? {
      cursor: { round: 0, layer: 0, neighbourhood: 0 },
      random: [],
      before,
      neighbours: 0,
      accepted: 0,
      bestReward: before.reward ?? 0,
      steps: 0,
      options: fixed,
      train: before.train,
    };
    if (saved) random.restore(Uint32Array.from(state.random));
    const context: RuleContext = {
      engine,
      validation,
      random,
      layers,
      family,
      fitness,
      neighbours,
      neighbourhoods,
      reward: fitness === "reward" || fitness === "both" ? reward : undefined,
      bestReward: state.bestReward,
    };
    const log: Step[] = [];
    while (state.cursor.round < rounds && !options.shouldStop?.()) {
      const step =
        rule === "climb"
          ? await climbStep(context, state.cursor)
          : await paperStep(context, state.cursor, rule === "strict");
      log.push(step);
      state.steps++;
      state.neighbours += step.neighbours;
      state.accepted += step.accepted;
      state.bestReward = context.bestReward;
      state.train = step.measure;
      const { round, layer, neighbourhood } = state.cursor;
      const done = (round + (layer + neighbourhood / neighbourhoods) / layers.length) / rounds;
      const { steps, neighbours, accepted } = state;
      await options.onProgress?.({ step, steps, neighbours, accepted, done });
      await options.onCheckpoint?.(() => {
        state.random = [...random.state()];
        return checkpoint(found, state);
      });
    }
    const { neighbours: evaluated, accepted } = state;
    return { network: found, before, after: await score(), neighbours: evaluated, accepted, log };
  } finally {
    engine.close();
    validation?.close();
  }
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidOption(`${name} is ${value}, expected a whole number from 1 up`);
}

function checkpoint(network: TernaryNetwork, state: State): Uint8Array {
  return writeNetwork({ ...network, metadata: { ...network.metadata, [STATE]: JSON.stringify(state) } });
}

function readCheckpoint(bytes: Uint8Array): { network: TernaryNetwork; state: State } {
  const network = readNetwork(bytes, "checkpoint");
  const { [STATE]: text, ...metadata } = network.metadata;
  if (text === undefined) throw new InvalidOption("the network file is no checkpoint of a search");
  try {
    return { network: { ...network, metadata }, state: JSON.parse(text) };
  } catch {
    throw new CorruptFile("the checkpoint of the search is damaged");
  }
}
