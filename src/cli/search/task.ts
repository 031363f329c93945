/** Types that the files of the command `search` share: its options, and what a task hands to the search. */
import type { AnySearchOptions, FitnessName, Order, RuleName, SearchResult } from "../../search/index.ts";

/** Options that every task takes, as the command line parses them; `--help` says what they mean. */
export interface CommonOptions {
  out: string;
  fitness: FitnessName;
  layers?: string;
  rule?: RuleName;
  family: "same" | "free";
  rounds?: number;
  order?: Order;
  budget?: number;
  neighbours?: number;
  neighbourhoods?: number;
  seconds?: number;
  seed: number;
  resume?: boolean;
  workers: number;
  redis?: string;
  log?: string;
}

/** Options for car networks. */
export interface CarOptions extends CommonOptions {
  init?: "random";
  demos?: string;
  episodes?: number;
  tracks?: number;
}

/** Options of the search that depend on the task: examples, a reward, episodes. */
export type TaskOptions = Pick<
  AnySearchOptions,
  "data" | "validation" | "test" | "reward" | "warmUp" | "demonstrations" | "tracks" | "episodes"
>;

/** The outcome of a search at the command line. */
export interface Searched
  extends Pick<SearchResult, "network" | "before" | "after" | "neighbours" | "accepted"> {
  /** Seconds that the steps took, without what came before and after them. */
  seconds: number;
  /** False if Ctrl-C or the time limit cut the search off: then its checkpoint stays. */
  isWhole: boolean;
}

/** Layers given on the command line; undefined for all. */
export function layerNames({ layers }: Pick<CommonOptions, "layers">): string[] | undefined {
  return layers?.split(",").map((name) => name.trim());
}
