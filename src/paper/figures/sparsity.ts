/**
 * Fig 2: accuracy against sparsity. (a) MNIST, with the paper's Steps 1–4 and with this package's default recipe.
 * (b) Car imitation, by action accuracy as in the paper and by driving reward, which the paper does not have.
 */
import { mean } from "simple-statistics";
import { spreadChart } from "../../report/charts.ts";
import { seedRange } from "../../seeds.ts";
import type { Recipe } from "../../train/paper-recipe.ts";
import { type Figure, type Lab, type Panel, percent } from "../figure.ts";
import { trainCarPoint, trainMnistPoint } from "../training.ts";
import { NotMeasured } from "../workspace.ts";

const RECIPES: readonly { name: Recipe; title: string }[] = [
  { name: "default", title: "default recipe" },
  { name: "paper", title: "Steps 1–4 of the paper" },
];
/** Of the default recipe, where this package promises a mean: percent by sparsity. */
const BARS: Record<number, number> = { 0: 97.8, 50: 98.6, 80: 98.4, 90: 98.4, 95: 97.4 };
/** First track of the driving reward; nothing is trained or chosen on tracks from here on. */
const UNSEEN = 20_000;

interface CarPoint {
  /** Share of frames of the teacher's drives on which all controls agree, 0 to 1. */
  accuracy: number;
  /** Driving reward of each track. */
  rewards: number[];
}

export const sparsity: Figure = {
  id: "fig2",
  title: "Accuracy at each sparsity",
  async run(lab) {
    const a = await mnist(lab);
    const b = await car(lab);
    return {
      panels: [...a.panels, ...b.panels],
      text: [
        "(a) The paper's literal recipe loses most of its accuracy when weights are clipped to their signs after training: at its small learning rate hardly a weight changes sign within an epoch. Passing gradients straight through on every step, as the default recipe does, keeps it.",
        "(b) Action accuracy is the share of the teacher's frames on which steering (left, straight, right), gas (on, off) and brake (on, off) all agree. Driving reward is what the network earns when it drives by itself.",
      ],
      table: {
        columns: [
          "sparsity (%)",
          "default, MNIST test (%)",
          "bar",
          "Steps 1–4, MNIST test (%)",
          "car, action accuracy (%)",
          "driving reward",
          "min",
        ],
        rows: rowsOf(lab, a.points, b.points),
      },
    };
  },
};

type MnistPoints = Record<Recipe, Map<number, number[]>>;

async function mnist({
  settings,
  workspace,
  materials,
}: Lab): Promise<{ panels: Panel[]; points: MnistPoints }> {
  const { sparsities, epochs, images, paperImages } = settings.mnist;
  const points: MnistPoints = { default: new Map(), paper: new Map() };
  // Seed by seed, so that a run that is cut off has the whole curve early.
  for (let seed = 1; seed <= settings.runs; seed++)
    for (const { name } of RECIPES)
      for (const sparsity of sparsities) {
        const sizes = name === "paper" ? { paperImages } : { epochs, images };
        const inputs = { recipe: name, sparsity, seed, ...sizes };
        const point = await measuredOrNull(
          workspace.point(`fig2a/${name}-${sparsity}-seed${seed}`, inputs, async () => {
            const result = await trainMnistPoint(materials.mnist, settings, name, sparsity, seed);
            const { train, validation, test } = result;
            return { train, validation, test };
          }),
        );
        if (point) append(points[name], sparsity, point.test);
      }
  const series = RECIPES.map(({ name, title }) => ({
    name: title,
    points: [...points[name]].map(([x, values]) => ({ x, values: values.map((value) => 100 * value) })),
  }));
  const panel = {
    name: "fig2a",
    svg: spreadChart({
      title: "MNIST",
      x: { label: "sparsity (%)" },
      y: { label: "test accuracy (%)" },
      series,
    }),
    caption: `Test accuracy of ternary networks by sparsity; ${runs(settings.runs)}. Default recipe: ${epochs} passes over ${images} images. Steps 1–4: ${paperImages} images an epoch.`,
    data: { epochs, images, paperImages, runs: settings.runs, series },
  };
  return { panels: points.default.size + points.paper.size > 0 ? [panel] : [], points };
}

async function car(lab: Lab): Promise<{ panels: Panel[]; points: Map<number, CarPoint[]> }> {
  const { settings, workspace } = lab;
  const { sparsities, tracks, ...training } = settings.car;
  const points = new Map<number, CarPoint[]>();
  for (let seed = 1; seed <= settings.runs; seed++)
    for (const sparsity of sparsities) {
      const inputs = { sparsity, seed, tracks, images: settings.images, ...training };
      const point = await measuredOrNull(
        workspace.point(`fig2b/${sparsity}-seed${seed}`, inputs, () => measureCar(lab, sparsity, seed)),
      );
      if (point) append(points, sparsity, point);
    }
  if (points.size === 0) return { panels: [], points };
  const how = `${training.episodes} episodes of the teacher, ${training.denseEpochs} dense and ${training.ternaryEpochs} ternary epochs, ${runs(settings.runs)}`;
  const accuracy = [...points].map(([x, found]) => ({ x, values: found.map((p) => 100 * p.accuracy) }));
  const reward = [...points].map(([x, found]) => ({ x, values: found.map((p) => mean(p.rewards)) }));
  const panel = (
    name: string,
    label: string,
    title: string,
    series: typeof accuracy,
    caption: string,
  ): Panel => ({
    name,
    svg: spreadChart({
      title,
      x: { label: "sparsity (%)" },
      y: { label },
      series: [{ name: label, points: series }],
    }),
    caption: `${caption} ${how}.`,
    data: { ...training, tracks, runs: settings.runs, points: Object.fromEntries(points) },
  });
  return {
    panels: [
      panel(
        "fig2b",
        "action accuracy (%)",
        "Car imitation",
        accuracy,
        "Action accuracy on the teacher's drives of unseen tracks:",
      ),
      panel(
        "fig2b-reward",
        "driving reward",
        "Driving",
        reward,
        `Mean driving reward over seeds ${UNSEEN}–${UNSEEN + tracks - 1}, a dot a training run:`,
      ),
    ],
    points,
  };
}

/** Trains one car network, measures it on the teacher's frames and lets it drive. */
async function measureCar({ settings, materials }: Lab, sparsity: number, seed: number): Promise<CarPoint> {
  const [{ evaluate }, { TernaryPolicy }, { measureNetwork }] = await Promise.all([
    import("../../evaluate.ts"),
    import("../../../policies/ternary/policy.ts"),
    import("../../search/index.ts"),
  ]);
  const network = await trainCarPoint(await materials.carDemonstrations(), settings, sparsity, seed);
  const accuracy = await measureNetwork(network, await materials.carTest(settings.images), "accuracy");
  const seeds = seedRange(UNSEEN, settings.car.tracks);
  const { rewards } = await evaluate(await TernaryPolicy.create(network), { seeds });
  return { accuracy, rewards };
}

/** A point, or null where it is left for a later run. */
async function measuredOrNull<Result>(point: Promise<Result>): Promise<Result | null> {
  try {
    return await point;
  } catch (error) {
    if (error instanceof NotMeasured) return null;
    throw error;
  }
}

function append<Value>(map: Map<number, Value[]>, key: number, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

function rowsOf(lab: Lab, a: MnistPoints, b: ReadonlyMap<number, CarPoint[]>): (string | number)[][] {
  const sparsities = [...new Set([...lab.settings.mnist.sparsities, ...lab.settings.car.sparsities])].sort(
    (x, y) => x - y,
  );
  return sparsities.map((sparsity) => {
    const cars = b.get(sparsity);
    const rewards = cars?.flatMap((point) => point.rewards) ?? [];
    return [
      sparsity,
      spread(a.default.get(sparsity)),
      BARS[sparsity] ? `≥ ${BARS[sparsity]}` : "",
      spread(a.paper.get(sparsity)),
      spread(cars?.map((point) => point.accuracy)),
      cars ? mean(rewards).toFixed(1) : "",
      cars ? Math.min(...rewards).toFixed(1) : "",
    ];
  });
}

/** "98.61 (98.50–98.70, n 3)": mean, least and greatest of shares, and how many there are. */
function spread(values: readonly number[] | undefined): string {
  if (!values) return "";
  const text = percent(mean(values));
  return values.length === 1
    ? text
    : `${text} (${percent(Math.min(...values))}–${percent(Math.max(...values))})`;
}

function runs(count: number): string {
  return count === 1
    ? "one training run a point (the paper: 3)"
    : `${count} training runs a point, seeds 1–${count}`;
}
