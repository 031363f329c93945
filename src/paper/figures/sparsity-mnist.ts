/** Fig 2a: MNIST accuracy against sparsity, with this package's default recipe and with the paper's Steps 1–4. */

import { mnistArchitecture } from "../../../policies/ternary/network.ts";
import { TRAIN_IMAGES } from "../../data/mnist-node.ts";
import { seedRange } from "../../data/seeds.ts";
import { mean } from "../../data/statistics.ts";
import { spreadChart } from "../../show/charts/lines.ts";
import type { Table } from "../../show/pages/page.ts";
import { paperPhases, type Recipe } from "../../train/paper-recipe.ts";
import { type Figure, type Finding, type Lab, type Panel, whole } from "../figure.ts";
import { addRuns, countRuns, type Runs, spread } from "../runs.ts";
import type { Settings } from "../settings.ts";
import { mnistSizes, trainMnistPoint } from "../training.ts";
import { NotMeasured } from "../workspace.ts";

/** The recipes; the default comes first, because its curve matters more where time is short. */
const RECIPES: readonly { name: Recipe; title: string }[] = [
  { name: "default", title: "default recipe" },
  { name: "paper", title: "Steps 1–4 of the paper" },
];
/** Mean test accuracy of three runs that this package promises for the default recipe: percent by sparsity. */
const BARS: Record<number, number> = { 0: 97.8, 50: 98.6, 80: 98.4, 90: 98.4, 95: 97.4 };

/** Sparsities of the default recipe in the overview, percent. */
const IN_OVERVIEW = [50, 90, 95];

/** One trained network. Accuracies from 0 to 1. */
interface MnistPoint {
  /** Seed of the training run. */
  seed: number;
  train: number;
  validation: number;
  test: number;
}

/** Runs of both recipes. */
type RecipeRuns = Record<Recipe, Runs<MnistPoint>>;

/** Fig 2a. */
export const mnistSparsity: Figure = {
  id: "fig2a",
  title: "MNIST accuracy at each sparsity",
  async run(lab) {
    const { settings } = lab;
    const { sparsities } = settings.mnist;
    const runs: RecipeRuns = { default: new Map(), paper: new Map() };
    // Seed by seed, so that an interrupted run shows the whole curve early.
    for (const seed of seedRange(1, settings.runs))
      for (const { name } of RECIPES)
        await addRuns(runs[name], sparsities, (sparsity) => measure(lab, name, sparsity, seed));
    if (RECIPES.every(({ name }) => runs[name].size === 0))
      throw new NotMeasured("fig2a: no training run is measured yet");
    const misses = Object.entries(BARS).filter(([sparsity, bar]) => {
      const values = testsOf(runs.default, Number(sparsity));
      return values && mean(values) < bar;
    });
    return {
      panels: [panelOf(runs, settings)],
      text: [
        "Steps 1–4 follow the paper to the letter: pruning, signs and the mask are imposed at the ends of epochs, so that in Step 4 a weight which an epoch does not bring to the other sign ends as it began. The default recipe passes gradients straight through on every step. The sparsities are the paper's, and 90 %, that of its other figures. Test images decide nothing: they only report.",
        ...(misses.length > 0
          ? [
              `Below this package's bar, which is the full run's: at sparsities of ${misses.map(([sparsity]) => sparsity).join(", ")} %.`,
            ]
          : []),
      ],
      findings: findingsOf(runs),
      table: tableOf(runs, sparsities),
    };
  },
};

/** Test accuracies at a sparsity, percent; undefined without a run. */
function testsOf(runs: Runs<MnistPoint>, sparsity: number): number[] | undefined {
  return runs.get(sparsity)?.map((point) => 100 * point.test);
}

function panelOf(runs: RecipeRuns, settings: Settings): Panel {
  const { sparsities, epochs, sparseEpochs, images, paperImages } = settings.mnist;
  const measured = RECIPES.filter(({ name }) => runs[name].size > 0);
  const sizes: Record<Recipe, string> = {
    default: `${epochs} passes over ${trainingImages(images)}${sparseEpochs === epochs ? "" : `, ${sparseEpochs} above a sparsity of 90 %`}`,
    paper: `epochs of ${trainingImages(paperImages)}, ${paperEpochs(90)} of them at 90 %`,
  };
  const caption = measured.map(
    ({ name, title }) => `${title}: ${sizes[name]}; ${countRuns(runs[name], sparsities, settings.runs)}.`,
  );
  return {
    name: "fig2a",
    svg: spreadChart({
      title: `MNIST: ternary networks by sparsity${measured.length === 1 ? `, ${measured[0].title}` : ""}`,
      x: { label: "sparsity (%)" },
      y: { label: "test accuracy (%)" },
      series: measured.map(({ name, title }) => ({
        name: title,
        points: [...runs[name].keys()]
          .sort((a, b) => a - b)
          .map((x) => ({ x, values: testsOf(runs[name], x)! })),
      })),
    }),
    caption: `Test accuracy: a dot is a training run, lines join the means, bars reach from the least to the greatest. ${caption.join(" ")}`,
    data: {
      sizes: { epochs, sparseEpochs, images, paperImages },
      runs: Object.fromEntries(measured.map(({ name }) => [name, Object.fromEntries(runs[name])])),
    },
  };
}

/** Sparsities without a run have no line. */
function findingsOf(runs: RecipeRuns): Finding[] {
  const finding = (what: string, tests: readonly number[] | undefined) =>
    tests ? [{ what, paper: "a curve, no numbers", measured: `${spread(tests)} %` }] : [];
  return [
    ...IN_OVERVIEW.flatMap((sparsity) =>
      finding(`test accuracy at ${sparsity} % sparsity, default recipe`, testsOf(runs.default, sparsity)),
    ),
    ...finding("the same at 90 %, Steps 1–4 of the paper", testsOf(runs.paper, 90)),
  ];
}

function tableOf(runs: RecipeRuns, sparsities: readonly number[]): Table {
  return {
    columns: [
      "sparsity (%)",
      "default recipe, test (%)",
      "n",
      "this package's bar",
      "Steps 1–4, test (%)",
      "n",
    ],
    rows: sparsities.map((sparsity) => [
      sparsity,
      spread(testsOf(runs.default, sparsity)),
      runs.default.get(sparsity)?.length ?? 0,
      BARS[sparsity] ? `≥ ${BARS[sparsity]}` : "",
      spread(testsOf(runs.paper, sparsity)),
      runs.paper.get(sparsity)?.length ?? 0,
    ]),
  };
}

/** A number of images for captions, such as "3,000 of the 55,000 training images". */
function trainingImages(count: number): string {
  return `${count < TRAIN_IMAGES ? `${whole(count)} of the` : "all"} ${whole(TRAIN_IMAGES)} training images`;
}

/** Epochs of Steps 1 to 4 for captions, such as "5 + 36 + 5 + 5". */
function paperEpochs(sparsity: number): string {
  return paperPhases(mnistArchitecture, sparsity)
    .map(({ epochs }) => epochs)
    .join(" + ");
}

/** Trains one network; only its accuracies are kept. */
async function measure(
  { settings, workspace, materials }: Lab,
  recipe: Recipe,
  sparsity: number,
  seed: number,
): Promise<MnistPoint> {
  const inputs = { recipe, sparsity, seed, ...mnistSizes(settings, recipe, sparsity) };
  const accuracies = await workspace.point(
    `fig2a/${recipe}-${sparsity}-seed${seed}`,
    inputs,
    async (progress) => {
      const result = await trainMnistPoint(materials.mnist, settings, recipe, sparsity, seed, progress);
      const { train, validation, test } = result;
      return { train, validation, test };
    },
  );
  return { seed, ...accuracies };
}
