/**
 * Stochastic search and succeed (SSS): improves a ternary network by swaps of its weights, without a gradient. This file
 * runs a rule (`rule.ts`) to its end: seed, checkpoints, limits, progress and scores are the same for every rule.
 * Deterministic: the same network, examples, options and seed give the same result on every machine.
 */
import { InvalidOption } from "../../env/errors.ts";
import { Random } from "../../env/random.ts";
import { cloneNetwork, type TernaryNetwork } from "../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { decodeCheckpoint, encodeCheckpoint, fingerprint, type Identity } from "../data/checkpoint.ts";
import { countExamples, type Examples } from "../data/examples.ts";
import { DeltaEngine } from "./engine/delta-engine.ts";
import { checkMeasure, OUTPUT_WEIGHTS } from "./engine/fitness.ts";
import {
  type AnySearchOptions,
  checkLayers,
  checkName,
  type OwnRuleOptions,
  type RoundsOptions,
  type RuleName,
  type SearchOptions,
  type SearchProgress,
  type SearchResult,
  wholeNumber,
} from "./options.ts";
import type { RoundsStep } from "./rounds/options.ts";
import { roundsRule } from "./rounds/rounds.ts";
import {
  countsReward,
  type FitnessName,
  measureOf,
  type Rule,
  type SearchContext,
  type SearchTotals,
} from "./rule.ts";
import { climbRule } from "./rules/climb.ts";
import type { LayerRuleSettings, LayerStep } from "./rules/layer-rule.ts";
import { paperRule } from "./rules/paper.ts";
import { MOST_WHOLE, rotationRule } from "./rules/rotation.ts";
import { measureScores } from "./scores.ts";

/**
 * Searches from a network, which is left as it is.
 * @throws {@link InvalidOption} on options that do not fit together, {@link CorruptFile} on a damaged checkpoint
 */
export function search(network: TernaryNetwork, options: SearchOptions): Promise<SearchResult>;
export function search(network: TernaryNetwork, options: RoundsOptions): Promise<SearchResult<RoundsStep>>;
export function search<Step extends object>(
  network: TernaryNetwork,
  options: OwnRuleOptions<Step>,
): Promise<SearchResult<Step>>;
export function search(
  network: TernaryNetwork,
  options: AnySearchOptions,
): Promise<SearchResult<LayerStep | RoundsStep>>;
export async function search(network: TernaryNetwork, options: Options): Promise<SearchResult<object>> {
  const { rule, fitness } = chosenRule(network, options);
  const started = contextOf(cloneNetwork(network), fitness, options);
  const identity = identityOf(rule, started, options);
  const saved = options.resume && decodeCheckpoint<SavedSearch>("search", identity, options.resume, "resume");
  const context = saved ? { ...started, network: readNetwork(saved.network, "resume") } : started;
  if (saved) context.random.restore(saved.random);
  const run = await rule.start(context, saved?.rule);
  try {
    const scores = (of: TernaryNetwork) => run.scores?.(of) ?? measureScores(context, of);
    const totals = { ...(saved?.totals ?? { ...NOTHING_YET, before: await scores(context.network) }) };
    const log: object[] = [];
    const budget = options.budget ?? Number.POSITIVE_INFINITY;
    while (totals.neighbours < budget && !options.shouldStop?.()) {
      const report = await run.step(totals);
      if (!report) break;
      log.push(report.log);
      totals.steps++;
      totals.neighbours += report.neighbours;
      totals.accepted += report.accepted;
      const { steps, neighbours, accepted } = totals;
      await options.onProgress?.({ step: report.log, steps, neighbours, accepted, done: report.done });
      await options.onCheckpoint?.(() => {
        const { random, network: atWork } = context;
        const state: SavedSearch = {
          ...{ network: writeNetwork(atWork), random: random.state(), totals, rule: run.state },
        };
        return encodeCheckpoint("search", identity, state);
      });
    }
    const found = (await run.finish?.()) ?? context.network;
    const { before, neighbours, accepted } = totals;
    return { network: found, before, after: await scores(found), neighbours, accepted, log };
  } finally {
    run.close?.();
  }
}

/** Options of whichever kind. */
type Options = Omit<AnySearchOptions, "rule" | "onProgress"> & {
  rule?: RuleName | Rule | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the rule at hand knows its steps
  onProgress?: ((progress: SearchProgress<any>) => void | Promise<void>) | undefined;
};

/** The contents of a checkpoint. */
interface SavedSearch {
  /** File of the network at work. */
  network: Uint8Array;
  /** State of the random numbers. */
  random: Uint32Array;
  totals: SearchTotals;
  /** `state` of the rule. */
  rule: object | undefined;
}

const NOTHING_YET = { steps: 0, neighbours: 0, accepted: 0 };

const FAMILIES: readonly string[] = ["same", "free"];
const ORDERS: readonly string[] = ["fixed", "alternating", "yield"];
/** Fitnesses by rule. */
const FITNESSES: Readonly<Record<"layers" | "rounds", readonly FitnessName[]>> = {
  layers: ["accuracy", "loss", "margin", "reward", "both"],
  rounds: ["imitation", "reward", "both"],
};
const RULES: readonly RuleName[] = ["paper", "strict", "climb", "rounds"];

/**
 * The name of the rule where none is given: "rounds" for a car network where driving decides and nothing says how else it
 * is to be measured, "paper" for driving reward alone, and otherwise "climb".
 */
export function defaultRule(
  task: "car" | "mnist",
  options: Pick<AnySearchOptions, "fitness" | "data" | "reward">,
): RuleName {
  const { fitness, data, reward } = options;
  const drives = fitness === "imitation" || fitness === "reward" || fitness === "both";
  if (task === "car" && drives && !data && !reward) return "rounds";
  return fitness === "reward" ? "paper" : "climb";
}

/** The rule and the fitness that options ask for. */
function chosenRule(network: TernaryNetwork, options: Options): { rule: Rule; fitness: FitnessName } {
  const name = options.rule ?? defaultRule(network.architecture.task, options);
  if (typeof name !== "string") {
    const fitness = options.fitness ?? "accuracy";
    checkName("fitness", fitness, FITNESSES.layers);
    return { rule: name, fitness: fitness };
  }
  checkName("rule", name, RULES);
  const fitness = options.fitness ?? (name === "rounds" ? "both" : "accuracy");
  checkName("fitness", fitness, FITNESSES[name === "rounds" ? "rounds" : "layers"]);
  if (name !== "rounds") return { rule: ruleOfLayers(name, fitness, options), fitness: fitness };
  if (options.data || options.reward)
    throw new InvalidOption(
      'data, reward: expected none for rule "rounds", which drives for its frames and rewards, got some',
    );
  return { rule: roundsRule(options), fitness: fitness };
}

/** One of the rules that go through layers, with its defaults. */
function ruleOfLayers(
  name: Exclude<RuleName, "rounds">,
  fitness: FitnessName,
  options: Options,
): Rule<LayerStep> {
  const { data, reward } = options;
  if (countsReward(fitness) && !reward)
    throw new InvalidOption(`reward: expected a function for fitness "${fitness}", got none`);
  if (fitness === "reward" && name === "climb")
    throw new InvalidOption(
      'rule: expected paper or strict for fitness "reward", got climb, which follows the loss',
    );
  if (!data && fitness !== "reward")
    throw new InvalidOption(
      `data: expected examples for fitness "${fitness}", got none; only "reward" does without`,
    );
  if (data) checkMeasure(data, measureOf(fitness));
  const inBatches = name === "climb" && fitness !== "both" && countExamples(data!) > MOST_WHOLE;
  const settings: LayerRuleSettings = {
    neighbours: wholeNumber(
      "neighbours",
      options.neighbours ?? (fitness === "reward" ? 8 : inBatches ? 3000 : 1000),
    ),
    neighbourhoods: wholeNumber("neighbourhoods", options.neighbourhoods ?? (name === "climb" ? 1 : 10)),
    rounds: wholeNumber("rounds", options.rounds ?? (inBatches ? 300 : 3)),
    order: options.order ?? (inBatches ? "yield" : "fixed"),
  };
  checkName("order", settings.order, ORDERS);
  if (name !== "climb") return paperRule(name, settings);
  return inBatches ? rotationRule(settings) : climbRule(settings);
}

function contextOf(network: TernaryNetwork, fitness: FitnessName, options: Options): SearchContext {
  const { family = "same", seed = 0, data, validation, test, reward } = options;
  const layers = options.layers ?? network.architecture.layers.map((layer) => layer.name).reverse();
  checkLayers(network, layers);
  checkName("family", family, FAMILIES);
  wholeNumber("seed", seed, 0);
  if (options.budget !== undefined) wholeNumber("budget", options.budget);
  const engines = options.engines ?? ((...args) => DeltaEngine.create(...args));
  return {
    network,
    random: new Random(seed),
    layers,
    family,
    fitness,
    data,
    validation,
    test,
    reward,
    engines,
  };
}

/** @param context before the first step */
function identityOf(rule: Rule, context: SearchContext, { seed = 0, budget }: Options): Identity {
  const { network, fitness, layers, family, data, validation } = context;
  const own = rule.identity?.(context);
  return {
    options: { rule: rule.name, fitness, layers, family, seed, budget, ...own?.options },
    content: {
      "another network to begin from": networkFingerprint(network),
      "other data": data ? dataFingerprint(data) : 0,
      "other validation data": validation ? dataFingerprint(validation) : 0,
      ...own?.content,
    },
  };
}

/** The fingerprint of a network's weights and scales. */
function networkFingerprint({ architecture, weights, divisors }: TernaryNetwork): number {
  return fingerprint(divisors, ...architecture.layers.map(({ name }) => weights[name]));
}

/** The fingerprint of examples: every byte counts. */
export function dataFingerprint(data: Examples): number {
  if (data.task === "mnist") return fingerprint(data.inputs, data.labels);
  const { inputs, targets, weights = [], outputWeights = OUTPUT_WEIGHTS } = data;
  return fingerprint(inputs, targets, weights, outputWeights);
}
