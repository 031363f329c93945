/** Scores of whole networks, before and after a search: full forward passes, no neighbours. */
import { InvalidOption } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import type { Examples } from "../data/examples.ts";
import { measureNetwork } from "./engine/delta-engine.ts";
import type { Measure } from "./engine/fitness.ts";
import type { EngineMaker } from "./engine/fitness-engine.ts";
import { measureOf, type Scores, type SearchContext } from "./rule.ts";

/**
 * The scores of a network on the examples and by the reward function of a search.
 * @throws {@link InvalidOption} where a search has neither
 */
export async function measureScores(context: SearchContext, network: TernaryNetwork): Promise<Scores> {
  const { engines, data, validation, test, fitness } = context;
  const measure = measureOf(fitness);
  const on = (examples: Examples) => measureOnThreads(engines, network, examples, measure);
  const onData = data && (await on(data));
  const onValidation = validation && (await on(validation));
  const onTest = test && (await measureNetwork(network, test, measure));
  const reward = context.reward && (await context.reward(network));
  const train = onData ?? reward;
  if (train === undefined)
    throw new InvalidOption("data: expected examples or a reward function, got neither");
  return {
    train,
    ...(onValidation !== undefined && { validation: onValidation }),
    ...(onTest !== undefined && { test: onTest }),
    ...(reward !== undefined && { reward }),
  };
}

/** A measure by a full forward pass, shared among the threads that the engines have. */
export async function measureOnThreads(
  engines: EngineMaker,
  network: TernaryNetwork,
  examples: Examples,
  measure: Measure,
): Promise<number> {
  const { layers } = network.architecture;
  const engine = await engines(network, examples, [layers[layers.length - 1].name]);
  try {
    return engine.measure(measure);
  } finally {
    engine.close();
  }
}
