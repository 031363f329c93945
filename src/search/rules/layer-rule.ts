/**
 * The rules "paper", "strict" and "climb" make one step in one layer after another. This file keeps the order of the
 * layers, the engines, and the network that measured best on validation examples; the steps are in `paper.ts`, `climb.ts`
 * and `rotation.ts`.
 */
import { cloneNetwork, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { applySwap, type Swap } from "../../../policies/ternary/swap.ts";
import type { Examples } from "../../data/examples.ts";
import { measureNetwork } from "../engine/delta-engine.ts";
import type { FitnessEngine } from "../engine/fitness-engine.ts";
import { neighbourCost } from "../engine/neighbour-cost.ts";
import {
  countsReward,
  measureOf,
  type Rule,
  type RuleRun,
  type Scores,
  type SearchContext,
  type SearchTotals,
  type StepReport,
} from "../rule.ts";
import { measureOnThreads, measureScores } from "../scores.ts";
import { advance, type Cursor, doneShare, firstCursor, type Plan } from "./order.ts";

/** One step in a layer: a line of the log. */
export interface LayerStep extends Omit<Cursor, "yields"> {
  /** Name of the layer. */
  layerName: string;
  /** Neighbours evaluated. */
  neighbours: number;
  /** Number of these neighbours that were better than the network when they were measured. */
  above: number;
  /** Number of these neighbours that were equally good. */
  equal: number;
  /** Number of these neighbours that were worse. */
  below: number;
  /** Swaps kept. */
  accepted: number;
  /** After the step: the measure on the data, or driving reward where there are no data. */
  measure: number;
  /** After the step: the measure on the validation examples, if there are any. */
  validation?: number;
  /** After the step: driving reward, where it is searched on. */
  reward?: number;
}

/** The context of a search, with the tools of a step in a layer. */
export interface LayerWork extends SearchContext {
  /** Measures neighbours on the data; undefined where there are no data or they come in batches. */
  readonly engine: FitnessEngine | undefined;
  /** Measures the same network on the validation examples; undefined where `engine` is, or there are none. */
  readonly judge: FitnessEngine | undefined;
  /** Neighbours of a step. */
  readonly neighbours: number;
  /** Work of a neighbour in each layer: see `neighbourCost`. */
  readonly costs: readonly number[];
  /** Driving reward of the network at work, where the fitness counts it; steps bring it up to date. */
  bestReward: number;
}

/** The outcome of a step. */
export interface LayerStepResult {
  /** The step's line of the log, without what is measured on validation examples. */
  step: LayerStep;
  /** Swaps that were kept, in the order in which they were made. */
  taken: Swap[];
  /** True if the layer's steps end here because no neighbour was as good. */
  layerEnds: boolean;
  /** Rise of the leading measure, from 0 up. */
  gain: number;
  /** Inputs that neighbours were measured on, summed over the neighbours. */
  evaluations: number;
}

/** Options of a rule that goes through layers. */
export interface LayerRuleSettings extends Omit<Plan, "layers"> {
  /** Neighbours of a step, 1 or more. */
  neighbours: number;
  /**
   * True if steps draw batches of the data. No engine then keeps all of the data, and the search ends when validation has
   * not gained for `PATIENCE` steps. Default: false.
   */
  inBatches?: boolean;
}

/** Makes one step in the cursor's layer. @param steps steps made before */
export type LayerStepFunction = (work: LayerWork, cursor: Cursor, steps: number) => Promise<LayerStepResult>;

/** Steps in batches without a better validation measure after which a search ends. */
export const PATIENCE = 60;

/** A rule out of the function that makes its steps. */
export function layerRule(
  name: string,
  settings: LayerRuleSettings,
  makeStep: LayerStepFunction,
): Rule<LayerStep> {
  const { inBatches, ...options } = settings;
  return {
    name,
    identity: () => ({ options }),
    async start(context, state?: LayerState) {
      const engineOn = async (examples: Examples | undefined) =>
        examples && !inBatches ? await context.engines(context.network, examples, context.layers) : undefined;
      const engine = await engineOn(context.data);
      const judge = await engineOn(context.validation);
      return new LayerRun(context, settings, makeStep, { engine, judge }, state);
    },
  };
}

/** State of such a rule in a checkpoint. */
interface LayerState {
  cursor: Cursor;
  /** Best validation measure so far, the number of its step, and the swaps made since, which are undone at the end. */
  best: { validation: number; since: Swap[]; steps: number };
  /** Driving reward of the network at work. */
  bestReward: number;
}

class LayerRun implements RuleRun<LayerStep> {
  readonly #work: LayerWork;
  readonly #settings: LayerRuleSettings;
  readonly #plan: Plan;
  readonly #makeStep: LayerStepFunction;
  #state: LayerState | undefined;

  constructor(
    context: SearchContext,
    settings: LayerRuleSettings,
    makeStep: LayerStepFunction,
    engines: Pick<LayerWork, "engine" | "judge">,
    state: LayerState | undefined,
  ) {
    const { network, layers } = context;
    const costs = layers.map((layer) => neighbourCost(network, layer));
    this.#settings = settings;
    this.#plan = { ...settings, layers };
    this.#makeStep = makeStep;
    this.#state = state;
    this.#work = { ...context, ...engines, neighbours: settings.neighbours, costs, bestReward: 0 };
  }

  get state(): LayerState | undefined {
    return this.#state;
  }

  async step({ before, steps }: SearchTotals): Promise<StepReport<LayerStep> | null> {
    const work = this.#work;
    const plan = this.#plan;
    this.#state ??= {
      cursor: firstCursor(plan, work.costs),
      best: { validation: before.validation ?? 0, since: [], steps: 0 },
      bestReward: before.reward ?? 0,
    };
    const { cursor, best, bestReward } = this.#state;
    const hasStalled = this.#settings.inBatches && work.validation && steps - best.steps >= PATIENCE;
    if (cursor.round >= plan.rounds || hasStalled) return null;
    work.bestReward = bestReward;
    const { step, taken, layerEnds, gain, evaluations } = await this.#makeStep(work, cursor, steps);
    this.#state.bestReward = work.bestReward;
    const labour = Math.max(1, evaluations * work.costs[cursor.layer]);
    const validation = await this.#validationMeasure();
    if (validation !== undefined) step.validation = validation;
    this.#remember(taken, validation, steps + 1);
    advance(cursor, plan, work.costs, layerEnds, gain / labour);
    const { neighbours, accepted } = step;
    return { log: step, neighbours, accepted, done: doneShare(cursor, plan) };
  }

  /** Brings the best network up to date. @param steps number of the step that was made */
  #remember(taken: readonly Swap[], validation: number | undefined, steps: number): void {
    const { best } = this.#state!;
    best.since.push(...taken);
    // A network whose start nothing has beaten stays as it was: gains in batches may be luck.
    const keepsEqual = !this.#settings.inBatches || best.steps > 0;
    if (
      countsReward(this.#work.fitness) ||
      validation === undefined ||
      validation > best.validation ||
      (keepsEqual && validation === best.validation)
    )
      this.#state!.best = { validation: validation ?? 0, since: [], steps };
  }

  async #validationMeasure(): Promise<number | undefined> {
    const { judge, validation, network, fitness, engines } = this.#work;
    if (judge) return judge.measure(measureOf(fitness));
    return validation && measureOnThreads(engines, network, validation, measureOf(fitness));
  }

  /** The network of the best step: a copy of the one at work, since a checkpoint of that may still be written. */
  finish(): TernaryNetwork {
    const { network } = this.#work;
    const since = this.#state?.best.since ?? [];
    if (since.length === 0) return network;
    const found = cloneNetwork(network);
    for (const swap of since.toReversed()) applySwap(found, inverse(swap));
    return found;
  }

  async scores(network: TernaryNetwork): Promise<Scores> {
    const { engine, judge, fitness, test, reward } = this.#work;
    // The engines have the measures of the network at work; any other, and all in batches, takes a pass.
    if (!engine || network !== this.#work.network) return measureScores(this.#work, network);
    const measure = measureOf(fitness);
    return {
      train: engine.measure(measure),
      ...(judge && { validation: judge.measure(measure) }),
      ...(test && { test: await measureNetwork(network, test, measure) }),
      ...(reward && { reward: await reward(network) }),
    };
  }

  close(): void {
    this.#work.engine?.close();
    this.#work.judge?.close();
  }
}

/** The swap that undoes a swap: it removes what was added. */
export function inverse({ layer, remove, add, sign, removedSign }: Swap): Swap {
  return { layer, remove: add, add: remove, sign: removedSign, removedSign: sign };
}

/** Makes a swap in the network at work and in all that is kept of it. */
export async function applyEverywhere({ network, engine, judge }: LayerWork, swap: Swap): Promise<void> {
  if (engine) await engine.apply(swap);
  else applySwap(network, swap);
  await judge?.apply(swap);
}
