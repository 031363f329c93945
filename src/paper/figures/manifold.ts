/**
 * Figs 4 and 9: first neighbours laid out by t-SNE of their weights, with accuracy as the third axis. The side view
 * shows accuracy over the first t-SNE axis; the top view shows both t-SNE axes and accuracy as colour.
 */
import { describe } from "../../../policies/ternary/describe.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { Swap } from "../../../policies/ternary/swap.ts";
import { stack } from "../../show/charts/chart.ts";
import { type ScatterPoint, scatterChart } from "../../show/charts/dots.ts";
import { type Difference, embed, PERPLEXITY } from "../embedding.ts";
import { type Cloud, type Figure, type Lab, type Panel, percent, whole } from "../figure.ts";
import { originOf, type TestSet } from "../materials.ts";
import { sampleNeighbourhood } from "../neighbourhood.ts";
import { allOf, INPUTS, type PointProgress } from "../workspace.ts";

const SEED = 4;

/** Letters of the views, as in the paper. */
const LETTERS = "abcdefgh";

/** Fig 4. */
export const mnistManifold: Figure = {
  id: "fig4",
  title: "First neighbours by t-SNE, MNIST",
  async run(lab) {
    const network = await lab.materials.mnistNetwork("paper");
    const layers = ["1.0", "fc"];
    const { panel, sharing } = await manifold(lab, "fig4", network, lab.materials.mnistTestSet, layers);
    const count = lab.settings.shown;
    const shares = describe(network)
      .filter(({ name }) => layers.includes(name))
      .map(
        ({ name, nonzeros }) =>
          `${(count / nonzeros).toFixed(1)} for each of the ${whole(nonzeros)} in ${name}`,
      );
    return {
      panels: [panel],
      findings: [
        {
          what: "where first neighbours cluster",
          paper: "more in fc than in 1.0",
          measured: `pairs that share a removed or added weight, which is what clusters: ${sharing}`,
        },
      ],
      text: [
        `As vectors of weights two first neighbours lie √2 apart if they share the weight that was removed, or the one that was added and its sign; otherwise 2 or more. Clusters are therefore neighbours that share a removed weight: of ${whole(count)} there are ${shares.join(", ")}. Neighbours that share none all lie equally far apart, and t-SNE has nothing to cluster. The paper sees more clusters in fc than in 1.0.`,
      ],
    };
  },
};

/** Fig 9. */
export const carManifold: Figure = {
  id: "fig9",
  title: "First neighbours by t-SNE, car",
  async run(lab) {
    const network = await lab.materials.carNetwork();
    const { panel } = await manifold(lab, "fig9", network, lab.materials.carTestSet, ["fc1"]);
    return {
      panels: [panel],
      text: [
        "The car's network has two fully connected layers; shown is the first, which has most of the weights.",
      ],
    };
  },
};

/** First neighbours in one layer. */
interface LayerPoint {
  /** Accuracy of the network itself, 0 to 1. */
  original: number;
  /** Share of the pairs of neighbours that have a removed or added weight in common. */
  sharing: number;
  /** t-SNE x and y and accuracy; the first is the original network. */
  points: [number, number, number][];
}

/** Measures the layers and draws a side and a top view of each. */
async function manifold(
  { workspace, settings }: Lab,
  figure: string,
  network: TernaryNetwork,
  test: TestSet,
  layers: readonly string[],
): Promise<{ panel: Panel; sharing: string }> {
  const count = settings.shown;
  const measuredOn = test.count;
  const inputs = { count, measuredOn, perplexity: PERPLEXITY, seed: SEED, network: network.metadata[INPUTS] };
  const found = await allOf(
    ...layers.map(
      (layer) => () =>
        workspace.point(`${figure}/${layer}`, inputs, (progress) =>
          measure(network, layer, test, count, progress),
        ),
    ),
  );
  const shared = layers.map((layer, i) => `${percent(found[i].sharing, 1)} % in ${layer}`).join(", ");
  const accuracy = `${test.measure} (%)`;
  const panel = {
    name: figure,
    svg: stack(
      layers.flatMap((layer, i) => views(layer, found[i], accuracy, LETTERS.slice(2 * i))),
      2,
    ),
    caption: `${whole(count)} first neighbours of each layer (seed ${SEED}), t-SNE of their weights (perplexity ${PERPLEXITY}), accuracy on ${whole(measuredOn)} ${test.inputs}; of the pairs ${shared} have a removed or added weight in common. The blue dot is the original network, ${percent(found[0].original)} % (${originOf(network)}).`,
    data: {
      seed: SEED,
      count,
      measuredOn,
      perplexity: PERPLEXITY,
      layers: Object.fromEntries(layers.map((layer, i) => [layer, found[i]])),
    },
    clouds: layers.map(
      (layer, i): Cloud => ({
        title: `Layer ${layer}`,
        points: inPercent(found[i]).map(({ x, y, value }) => [x, y, value] as const),
        original: 0,
        axes: ["t-SNE 1", "t-SNE 2", accuracy],
      }),
    ),
  };
  return { panel, sharing: shared };
}

async function measure(
  network: TernaryNetwork,
  layer: string,
  test: TestSet,
  count: number,
  progress: PointProgress,
): Promise<LayerPoint> {
  const data = await test.load();
  const found = await sampleNeighbourhood(network, layer, data, { count, seed: SEED }, progress);
  const places = await embed([new Map(), ...found.swaps.map(difference)], { seed: SEED });
  const heights = [found.original, ...found.accuracies];
  return {
    original: found.original,
    sharing: sharing(found.swaps),
    points: places.map(([x, y], i) => [x, y, heights[i]]),
  };
}

/**
 * Side view and top view of one layer as SVG text.
 * @param accuracy name of the third axis
 * @param letters the two letters of the views come first
 */
function views(layer: string, point: LayerPoint, accuracy: string, letters: string): [string, string] {
  const [original, ...neighbours] = inPercent(point);
  return [
    scatterChart({
      title: `(${letters[0]}) Layer ${layer}, side view`,
      x: { label: "t-SNE 1" },
      y: { label: accuracy },
      points: neighbours.map(({ x, value }) => ({ x, y: value, value })),
      marked: [{ x: original.x, y: original.value }],
      markedName: "original",
    }),
    scatterChart({
      title: `(${letters[1]}) Layer ${layer}, top view`,
      x: { label: "t-SNE 1" },
      y: { label: "t-SNE 2" },
      value: accuracy,
      points: neighbours,
      marked: [original],
      markedName: "original",
    }),
  ];
}

/** The points with accuracy in percent; the first is the original network. */
function inPercent({ points }: LayerPoint): ScatterPoint[] {
  return points.map(([x, y, value]) => ({ x, y, value: 100 * value }));
}

/** Share of the pairs of swaps that have a removed or added weight in common. */
function sharing(swaps: readonly Swap[]): number {
  let pairs = 0;
  let shared = 0;
  swaps.forEach((a, i) => {
    for (const b of swaps.slice(0, i)) {
      pairs++;
      if (a.remove === b.remove || a.add === b.add) shared++;
    }
  });
  return shared / pairs;
}

/** Differences of a neighbour's weights from the original's. */
function difference({ remove, add, sign, removedSign }: Swap): Difference {
  return new Map([
    [remove, -removedSign],
    [add, sign],
  ]);
}
