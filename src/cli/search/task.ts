/** What the command `search` and the files of its tasks agree on. */

import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { Examples } from "../../data/examples.ts";
import type { FitnessName, Order, RewardFunction, RuleName, Scores } from "../../search/index.ts";

/** Options that every task takes. */
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

export interface CarOptions extends CommonOptions {
  init?: "random";
  demos?: string;
  episodes?: number;
  tracks?: number;
}

/** What is searched on, chosen on and reported on. */
export interface Sets {
  data: Examples;
  validation: Examples;
  test: Examples;
  reward?: RewardFunction | undefined;
}

export interface Searched {
  network: TernaryNetwork;
  before: Scores;
  after: Scores;
  neighbours: number;
  accepted: number;
  /** Of the search itself, without what came before. */
  seconds: number;
  /** Not when Ctrl-C cut it off: then its checkpoint stays, to go on from. */
  isWhole: boolean;
}

/** Layers given on the command line; undefined for all. */
export function layerNames({ layers }: Pick<CommonOptions, "layers">): string[] | undefined {
  return layers?.split(",").map((name) => name.trim());
}
