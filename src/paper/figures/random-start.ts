/**
 * Figs 6 and 7: SSS from a random 90 % sparse network, in layers 1.0, 2.0 and fc in turn, or in fc alone. First with
 * the paper's Algorithm 1 and budget, beside backpropagation from the same start; then with this package's rule.
 */
import { mnistArchitecture, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { randomNetwork } from "../../../policies/ternary/random.ts";
import { readNetwork } from "../../../policies/ternary/safetensors.ts";
import { TRAIN_IMAGES } from "../../data/mnist-node.ts";
import { measureNetwork, type SearchOptions, search } from "../../search/index.ts";
import { lineChart, type Series } from "../../show/charts/lines.ts";
import { type Figure, type FigureResult, type Lab, type Panel, percent, whole } from "../figure.ts";
import { type Settings, SPARSITY } from "../settings.ts";
import { backpropagate } from "../training.ts";
import { allOf, type PointProgress } from "../workspace.ts";

const SEED = 6;
/** Colours of the layers in the paper's figure. */
const COLORS: Record<string, string> = { "1.0": "#d62728", "2.0": "#2ca02c", fc: "#1f77b4" };
const TEST_COLOR = "#e69f00";
const BACKPROPAGATION_COLOR = "#7b4fa3";

/** State of a search after one epoch. */
interface Epoch {
  /** Layer in which the epoch searched. */
  layer: string;
  /** Neighbours tried so far. */
  neighbours: number;
  /** Accuracy on the validation images, 0 to 1. */
  validation: number;
  /** Accuracy on the test images, 0 to 1. */
  test: number;
}

/** A search: accuracies of its start, and of the network after each epoch. */
interface Curve {
  before: { validation: number; test: number };
  epochs: Epoch[];
}

/** The three runs of a figure, all from the same network. */
interface FromRandom {
  /** Search by the paper's Algorithm 1. */
  paper: Curve;
  /** Search by this package's default rule. */
  own: Curve;
  /** Test accuracy by backpropagation, before the first epoch and after each, 0 to 1. */
  backpropagation: readonly number[];
}

/** Accuracies of the paper's random network, the same in both figures, percent. */
const START = { validation: 12.34, test: 10.94 };

/** Accuracies that the paper reaches from there, percent. */
interface Claim {
  validation: number;
  test: number;
  /** Test accuracy by backpropagation. */
  backpropagation: number;
}

/** Fig 6. */
export const alternating: Figure = {
  id: "fig6",
  title: "From a random network, layers in turn",
  run: (lab) =>
    fromRandom(lab, "fig6", ["1.0", "2.0", "fc"], { validation: 33.27, test: 25.68, backpropagation: 9.81 }),
};

/** Fig 7. */
export const fcOnly: Figure = {
  id: "fig7",
  title: "From a random network, the fc layer alone",
  run: (lab) => fromRandom(lab, "fig7", ["fc"], { validation: 35.87, test: 27.73, backpropagation: 9.79 }),
};

async function fromRandom(
  lab: Lab,
  name: string,
  layers: readonly string[],
  claim: Claim,
): Promise<FigureResult> {
  const runs = await measure(lab, name, layers);
  const { paper, own, backpropagation } = runs;
  const backBefore = percent(backpropagation[0]);
  const backAfter = percent(backpropagation[backpropagation.length - 1]);
  const still = backpropagation.every((accuracy) => accuracy === backpropagation[0]);
  return {
    panels: [
      paperPanel(name, layers, runs, lab.settings),
      ownPanel(`${name}-default`, layers, own, lab.settings),
    ],
    text: [
      `Test accuracy from ${percent(paper.before.test)} % to ${percent(last(paper).test)} % with the paper's rule, ${percent(last(own).test)} % with this package's (${whole(last(own).neighbours)} neighbours).`,
      `Backpropagation as in Step 4 goes from ${backBefore} % to ${backAfter} %${still ? ": the same after every epoch, since a weight of ±1 that an epoch does not bring to the other sign ends it as it began" : ""}. It starts elsewhere than the search, as its weights have no scale.`,
    ],
    findings: [
      {
        what: `test accuracy from a random network, Algorithm 1 in ${layers.join(", ")}`,
        paper: `${claim.test} % (validation ${claim.validation} %)`,
        measured: `${percent(last(paper).test)} % (validation ${percent(last(paper).validation)} %)`,
      },
      {
        what: "the same with this package's rule",
        paper: "",
        measured: `${percent(last(own).test)} % (validation ${percent(last(own).validation)} %)`,
      },
      {
        what: "the same by backpropagation, Step 4",
        paper: `${claim.backpropagation} %`,
        measured: `${backAfter} %`,
      },
    ],
    table: {
      columns: ["accuracy (%), start → end", "validation", "test", "backpropagation, test"],
      rows: [
        [
          "the paper",
          `${START.validation} → ${claim.validation}`,
          `${START.test} → ${claim.test}`,
          `${START.test} → ${claim.backpropagation}`,
        ],
        ["measured, the paper's rule", ...startToEnd(paper), `${backBefore} → ${backAfter}`],
        ["measured, this package's rule", ...startToEnd(own), ""],
      ],
    },
  };
}

/** Epochs of the paper's search in all: as many for fc alone as for three layers in turn. */
function totalEpochs({ random: { epochs, rounds } }: Settings): number {
  return epochs * rounds * 3;
}

async function measure(lab: Lab, name: string, layers: readonly string[]): Promise<FromRandom> {
  const { settings, workspace, materials } = lab;
  const { epochs, rounds, neighbours, images, ownBudget } = settings.random;
  const start = () => randomNetwork(mnistArchitecture, SPARSITY, SEED);
  const total = totalEpochs(settings);
  const [paper, own, backpropagation] = await allOf(
    () =>
      workspace.point(`${name}/algorithm-1`, { epochs, rounds, neighbours, images, seed: SEED }, (progress) =>
        searched(lab, start(), images, progress, {
          rule: "paper",
          fitness: "accuracy",
          layers,
          neighbours,
          neighbourhoods: epochs,
          rounds: total / (epochs * layers.length),
        }),
      ),
    () =>
      workspace.point(`${name}/default-rule`, { ownBudget, images: TRAIN_IMAGES, seed: SEED }, (progress) =>
        searched(lab, start(), TRAIN_IMAGES, progress, { fitness: "loss", layers, budget: ownBudget }),
      ),
    // Both figures show the same run.
    () =>
      workspace.point("fig6/backpropagation", { epochs: total, images, seed: SEED }, (progress) =>
        backpropagate(materials.mnist, start(), { epochs: total, images, seed: SEED }, progress),
      ),
  );
  return { paper, own, backpropagation };
}

/**
 * Searches, and measures the network of every step on validation and test images.
 * @param images training images to search on
 */
async function searched(
  { materials }: Lab,
  network: TernaryNetwork,
  images: number,
  progress: PointProgress,
  options: Omit<SearchOptions, "data">,
): Promise<Curve> {
  const validationData = materials.mnistValidation();
  const testData = materials.mnistTest();
  const measured = async (found: TernaryNetwork) => ({
    validation: await measureNetwork(found, validationData, "accuracy"),
    test: await measureNetwork(found, testData, "accuracy"),
  });
  const before = await measured(network);
  const found: { validation: number; test: number }[] = [];
  const steps: { layer: string; neighbours: number }[] = [];
  await search(network, {
    ...options,
    data: materials.mnistTrain(images),
    seed: SEED,
    onProgress: ({ step, neighbours, done }) => {
      steps.push({ layer: step.layerName, neighbours });
      progress(options.budget ? Math.min(1, neighbours / options.budget) : done);
    },
    onCheckpoint: async (checkpoint) => {
      found.push(await measured(readNetwork(checkpoint())));
    },
  });
  return { before, epochs: steps.map((step, i) => ({ ...step, ...found[i] })) };
}

function paperPanel(
  name: string,
  layers: readonly string[],
  { paper, backpropagation }: FromRandom,
  settings: Settings,
): Panel {
  const { epochs, rounds, neighbours, images } = settings.random;
  return {
    name,
    svg: lineChart({
      title: `From a random network, ${layers.join(", ")}: Algorithm 1 of the paper`,
      x: { label: "epoch" },
      y: { label: "accuracy (%)" },
      series: [
        ...layerSeries(paper),
        { name: "test, SSS", color: TEST_COLOR, points: byEpoch(paper, "test") },
        {
          name: "test, backpropagation",
          color: BACKPROPAGATION_COLOR,
          points: backpropagation.map((test, i) => [i, 100 * test] as const),
        },
      ],
    }),
    caption: `Random ${SPARSITY} % sparse network (seed ${SEED}); an epoch is one neighbourhood of ${neighbours} first neighbours, each measured on ${whole(images)} training images; ${epochs} epochs a layer, ${totalEpochs(settings)} at most in all. The search leaves a layer early when no neighbour is as good. Coloured by layer: accuracy on the validation images. Backpropagation: Step 4 of the generation on the same network, signs taken at each epoch's end.`,
    data: { seed: SEED, layers, epochs, rounds, neighbours, images, paper, backpropagation },
  };
}

function ownPanel(name: string, layers: readonly string[], own: Curve, settings: Settings): Panel {
  const { ownBudget } = settings.random;
  return {
    name,
    svg: lineChart({
      title: `From the same network, ${layers.join(", ")}: this package's rule`,
      x: { label: "neighbours tried (thousands)" },
      y: { label: "accuracy (%)" },
      series: [
        { name: "validation", points: byNeighbours(own, "validation") },
        { name: "test", color: TEST_COLOR, points: byNeighbours(own, "test") },
      ],
    }),
    caption: `The same start, searched by cross-entropy with the default rule in ${layers.join(", ")}, batches from ${whole(TRAIN_IMAGES)} training images, until ${whole(ownBudget)} neighbours were tried.`,
    data: { seed: SEED, layers, budget: ownBudget, images: TRAIN_IMAGES, own },
  };
}

function last({ epochs }: Curve): Epoch {
  return epochs[epochs.length - 1];
}

/** Validation accuracy by epoch: a line for each stretch of epochs in one layer, joined to the stretch before. */
function layerSeries(curve: Curve): Series[] {
  const { epochs } = curve;
  const points = byEpoch(curve, "validation");
  const series: Series[] = [];
  for (let from = 0; from < epochs.length; ) {
    const { layer } = epochs[from];
    let to = from;
    while (to < epochs.length && epochs[to].layer === layer) to++;
    const named = series.some(({ color }) => color === COLORS[layer]);
    series.push({
      name: named ? "" : `validation, ${layer}`,
      color: COLORS[layer],
      points: points.slice(from, to + 1),
    });
    from = to;
  }
  return series;
}

/** Validation and test accuracy from start to end in percent, such as "15.38 → 39.92". */
function startToEnd(curve: Curve): string[] {
  return (["validation", "test"] as const).map(
    (measured) => `${percent(curve.before[measured])} → ${percent(last(curve)[measured])}`,
  );
}

/** Points of a line: epoch from 0, accuracy in percent. */
function byEpoch({ before, epochs }: Curve, measured: "validation" | "test"): Series["points"] {
  return [before, ...epochs].map((state, i) => [i, 100 * state[measured]] as const);
}

/** Points of a line: neighbours tried in thousands, accuracy in percent. */
function byNeighbours({ before, epochs }: Curve, measured: "validation" | "test"): Series["points"] {
  const start = [0, 100 * before[measured]] as const;
  return [start, ...epochs.map((e) => [e.neighbours / 1000, 100 * e[measured]] as const)];
}
