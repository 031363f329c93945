/** Fig 2a: MNIST accuracy against sparsity, with this package's default recipe and with the paper's Steps 1–4. */

import { mnistArchitecture } from "../../../policies/ternary/network.ts";
import { TRAIN_IMAGES } from "../../data/mnist-node.ts";
import { seedRange } from "../../data/seeds.ts";
import { mean } from "../../data/statistics.ts";
import { spreadChart } from "../../show/charts.ts";
import { paperPhases, type Recipe } from "../../train/paper-recipe.ts";
import { type Figure, type Lab, whole } from "../figure.ts";
import { addRuns, countRuns, type Runs, spread } from "../runs.ts";
import { mnistSizes, trainMnistPoint } from "../training.ts";
import { NotMeasured } from "../workspace.ts";

/** The default recipe first: where time is short, its curve counts more. */
const RECIPES: readonly { name: Recipe; title: string }[] = [
  { name: "default", title: "default recipe" },
  { name: "paper", title: "Steps 1–4 of the paper" },
];
/** Of the default recipe, where this package promises a mean of three runs: percent by sparsity. */
const BARS: Record<number, number> = { 0: 97.8, 50: 98.6, 80: 98.4, 90: 98.4, 95: 97.4 };

interface MnistPoint {
  /** Of the training run. */
  seed: number;
  /** Accuracies, 0 to 1. */
  train: number;
  validation: number;
  test: number;
}

export const mnistSparsity: Figure = {
  id: "fig2a",
  title: "MNIST accuracy at each sparsity",
  async run(lab) {
    const { settings } = lab;
    const { sparsities, epochs, sparseEpochs, images, paperImages } = settings.mnist;
    const runs: Record<Recipe, Runs<MnistPoint>> = { default: new Map(), paper: new Map() };
    // Seed by seed, so that a run that is cut off has the whole curve early.
    for (const seed of seedRange(1, settings.runs))
      for (const { name } of RECIPES)
        await addRuns(runs[name], sparsities, (sparsity) => measure(lab, name, sparsity, seed));
    const measured = RECIPES.filter(({ name }) => runs[name].size > 0);
    if (measured.length === 0) throw new NotMeasured("no training run of it has been made yet");
    const tests = (recipe: Recipe, sparsity: number) =>
      runs[recipe].get(sparsity)?.map((point) => 100 * point.test);
    const series = measured.map(({ name, title }) => ({
      name: title,
      points: [...runs[name].keys()].sort((a, b) => a - b).map((x) => ({ x, values: tests(name, x)! })),
    }));
    const sizes: Record<Recipe, string> = {
      default: `${epochs} passes over ${trainingImages(images)}${sparseEpochs === epochs ? "" : `, ${sparseEpochs} beyond a sparsity of 90 %`}`,
      paper: `epochs of ${trainingImages(paperImages)}, ${paperEpochs(90)} of them at 90 %`,
    };
    const caption = measured.map(
      ({ name, title }) => `${title}: ${sizes[name]}; ${countRuns(runs[name], sparsities, settings.runs)}.`,
    );
    const misses = Object.entries(BARS).filter(([sparsity, bar]) => {
      const values = tests("default", Number(sparsity));
      return values && mean(values) < bar;
    });
    return {
      panels: [
        {
          name: "fig2a",
          svg: spreadChart({
            title: `MNIST: ternary networks by sparsity${measured.length === 1 ? `, ${measured[0].title}` : ""}`,
            x: { label: "sparsity (%)" },
            y: { label: "test accuracy (%)" },
            series,
          }),
          caption: `Test accuracy: a dot a training run, lines through the means, bars from the least to the greatest. ${caption.join(" ")}`,
          data: {
            sizes: { epochs, sparseEpochs, images, paperImages },
            runs: Object.fromEntries(measured.map(({ name }) => [name, Object.fromEntries(runs[name])])),
          },
        },
      ],
      text: [
        "Steps 1–4 of the paper are taken to the letter: pruning, signs and the mask are imposed at the ends of epochs, so that in Step 4 a weight which an epoch does not bring to the other sign ends as it began. The default recipe passes gradients straight through on every step. The sparsities are the paper's, and 90 %, that of its other figures. Test images decide nothing: they only report.",
        ...(misses.length > 0
          ? [
              `Below this package's bar, which is the full run's: at sparsities of ${misses.map(([sparsity]) => sparsity).join(", ")} %.`,
            ]
          : []),
      ],
      findings: [
        ...[50, 90, 95].map((sparsity) => ({
          what: `test accuracy at ${sparsity} % sparsity, default recipe`,
          paper: "a curve, no numbers",
          measured: `${spread(tests("default", sparsity))} %`,
        })),
        {
          what: "the same at 90 %, Steps 1–4 of the paper",
          paper: "a curve, no numbers",
          measured: `${spread(tests("paper", 90))} %`,
        },
      ].filter(({ measured }) => measured !== " %"),
      table: {
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
          spread(tests("default", sparsity)),
          runs.default.get(sparsity)?.length ?? 0,
          BARS[sparsity] ? `≥ ${BARS[sparsity]}` : "",
          spread(tests("paper", sparsity)),
          runs.paper.get(sparsity)?.length ?? 0,
        ]),
      },
    };
  },
};

/** "3,000 of the 55,000 training images" */
function trainingImages(count: number): string {
  return `${count < TRAIN_IMAGES ? `${whole(count)} of the` : "all"} ${whole(TRAIN_IMAGES)} training images`;
}

/** "5 + 36 + 5 + 5": epochs of Steps 1 to 4. */
function paperEpochs(sparsity: number): string {
  return paperPhases(mnistArchitecture, sparsity)
    .map(({ epochs }) => epochs)
    .join(" + ");
}

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
