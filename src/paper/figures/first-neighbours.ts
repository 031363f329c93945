/**
 * Fig 1: a small network and some of its first neighbours. It has the weights of the paper's example, [1, 0, -1, 0, 1,
 * -1], between three inputs and two outputs; its neighbours are drawn by the code that draws the swaps of a search.
 */
import { Random } from "../../../env/random.ts";
import type { Architecture, TernaryNetwork } from "../../../policies/ternary/network.ts";
import { applySwap, SwapDrawer, undoSwap } from "../../../policies/ternary/swap.ts";
import { stack } from "../../show/charts/chart.ts";
import { networkDiagram } from "../../show/charts/network-diagram.ts";
import type { Figure } from "../figure.ts";

const ORIGINAL = [1, 0, -1, 0, 1, -1];
const INPUTS = 3;
const NEIGHBOURS = 4;
const SEED = 1;

const architecture: Architecture = {
  task: "mnist",
  height: 1,
  width: INPUTS,
  channels: 1,
  pixel: "p",
  layers: [{ kind: "dense", name: "fc", in: INPUTS, out: ORIGINAL.length / INPUTS }],
};

/** Fig 1. */
export const firstNeighbours: Figure = {
  id: "fig1",
  title: "First neighbours of a network",
  async run() {
    const network: TernaryNetwork = {
      architecture,
      weights: { fc: Int8Array.from(ORIGINAL) },
      divisors: { fc: 1 },
      metadata: {},
    };
    const drawer = new SwapDrawer(network, "fc");
    const random = new Random(SEED);
    const drawn = new Map<string, number[]>();
    while (drawn.size < NEIGHBOURS) {
      const swap = drawer.draw(random, "same");
      applySwap(network, swap);
      const weights = [...network.weights.fc];
      drawn.set(weights.join(), weights);
      undoSwap(network, swap);
    }
    const networks = [ORIGINAL, ...drawn.values()].map((weights, i) => ({ name: `N${i}`, weights }));
    const diagrams = networks.map(({ name, weights }) =>
      networkDiagram({ title: `${name}: [${weights.join(", ")}]`, inputs: INPUTS, weights }),
    );
    return {
      panels: [
        {
          name: "fig1",
          svg: stack(diagrams, 3),
          caption: `N0 and four of its first neighbours (seed ${SEED}): in each, one nonzero weight has become 0 and one 0 has taken its sign. Orange -1, dashed gray 0, blue +1.`,
          data: { seed: SEED, networks },
        },
      ],
      text: [
        `N0 has ${countNeighbours(ORIGINAL)} first neighbours of its family (equal counts of -1, 0 and +1): each of its nonzero weights may move to each of its zeros.`,
      ],
    };
  },
};

/** First neighbours that keep the counts of -1, 0 and +1: each nonzero weight may move to each zero. */
function countNeighbours(weights: readonly number[]): number {
  const zeros = weights.filter((w) => w === 0).length;
  return zeros * (weights.length - zeros);
}
