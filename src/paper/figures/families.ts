/**
 * What the paper claims of families and does not measure: are members of a family really different networks, how far
 * can one walk through first neighbours that are as good, and what does a ternary network save?
 */
import { mean } from "simple-statistics";
import { Random } from "../../../env/random.ts";
import { describe } from "../../../policies/ternary/describe.ts";
import { inferBatch } from "../../../policies/ternary/forward.ts";
import { cloneNetwork, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { activations } from "../../../policies/ternary/reference.ts";
import { type Swap, SwapDrawer } from "../../../policies/ternary/swap.ts";
import { lineChart, palette } from "../../report/charts.ts";
import { DeltaEngine, type MnistData, slice } from "../../search/index.ts";
import { seedRange } from "../../seeds.ts";
import { type Figure, percent } from "../figure.ts";
import { addRuns, type Runs, spread } from "../runs.ts";
import { NotMeasured, type PointProgress } from "../workspace.ts";

const SEED = 9;
/** Images on which activations are compared: the plain reference runs them. */
const COMPARED = 300;
/** Neighbours drawn in one go while looking for one that is as good. */
const GROUP = 16;
/** Points of a walk that are measured. */
const MILESTONES = 20;

/** A walk from the original. */
interface Walk {
  seed: number;
  /** Training images on which no step may lower accuracy. */
  images: number;
  milestones: Milestone[];
  /** Mutual information of hidden units with the original's, as a share of their entropy, by layer. */
  information: Record<string, number>;
}

interface Milestone {
  /** Steps so far, of at most one swap each, and neighbours tried for them. */
  swaps: number;
  tried: number;
  /** Share of the original's nonzero weights that are no longer there. */
  moved: number;
  /** Accuracies, and share of test images given the same digit as by the original. 0 to 1. */
  train: number;
  test: number;
  agreement: number;
}

export const families: Figure = {
  id: "families",
  title: "Families: how different, how far, how cheap",
  async run({ workspace, settings, materials }) {
    const network = await materials.mnistNetwork("default");
    const test = materials.mnistTest();
    const { steps, walks, images } = settings.walk;
    const found: Walk[] = [];
    for (const guard of images) {
      const train = materials.mnistTrain(guard);
      const bySeed: Runs<Omit<Walk, "images">> = new Map();
      await addRuns(bySeed, seedRange(SEED, walks), (seed) =>
        workspace.point(
          `families/walk-${guard}-seed${seed}`,
          { steps, seed, images: guard, compared: COMPARED, network: network.metadata.paper },
          (progress) => walk(network, train, test, steps, seed, progress),
        ),
      );
      found.push(...[...bySeed.values()].flat().map((made) => ({ ...made, images: guard })));
    }
    if (found.length === 0) throw new NotMeasured("no walk of it has been made yet");
    const guarded = images.filter((guard) => found.some((made) => made.images === guard));
    const wanted = walks * images.length;
    const made = `${found.length}${found.length < wanted ? ` of ${wanted}` : ""} random walks`;
    const endsOf = (guard: number) =>
      found
        .filter((made) => made.images === guard)
        .map(({ milestones }) => milestones[milestones.length - 1]);
    const lines = (value: (m: Milestone) => number) =>
      guarded.flatMap((guard, i) =>
        found
          .filter((made) => made.images === guard)
          .map(({ milestones }, k) => ({
            name: k === 0 ? `judged by ${guard.toLocaleString("en")} training images` : "",
            color: palette[i],
            points: milestones.map((m) => [100 * m.moved, 100 * value(m)] as const),
          })),
      );
    const layers = describe(network);
    const counts = (key: "weights" | "nonzeros" | "additions") =>
      layers.reduce((sum, layer) => sum + layer[key], 0);
    const multiplications = layers.reduce(
      (sum, { additions, nonzeros, weights }) => sum + (additions / nonzeros) * weights,
      0,
    );
    return {
      panels: [
        {
          name: "families-agreement",
          svg: lineChart({
            title: "Same digits as the original?",
            x: { label: "nonzero weights that moved (%)" },
            y: { label: "test images with the same digit (%)" },
            series: lines((m) => m.agreement),
          }),
          caption: `${made} through first neighbours, layers drawn by their nonzero weights, each swap taken if accuracy on ${guarded.map((guard) => guard.toLocaleString("en")).join(" or ")} training images stays at or above the original's: ${steps} steps of at most one swap, seeds from ${SEED} on.`,
          data: { seed: SEED, steps, walks: found },
        },
        {
          name: "families-accuracy",
          svg: lineChart({
            title: "As good?",
            x: { label: "nonzero weights that moved (%)" },
            y: { label: "test accuracy (%)" },
            series: lines((m) => m.test),
          }),
          caption: "The same walks: test accuracy, which decides nothing.",
          data: { seed: SEED, steps, walks: found },
        },
      ],
      text: [
        ...guarded.map((guard) => {
          const ends = endsOf(guard);
          return `Judged by ${guard.toLocaleString("en")} training images: after ${steps} steps of at most one swap ${ends.map((m) => percent(m.moved, 0)).join(", ")} % of the nonzero weights had moved, test accuracy went from ${percent(found[0].milestones[0].test)} % to ${ends.map((m) => percent(m.test)).join(", ")} %, and ${ends.map((m) => percent(m.agreement)).join(", ")} % of the test images kept their digit.`;
        }),
        "The members of the family share sparsity and counts of -1, 0 and +1 in every layer by construction. What a walk loses on the test set it loses where the images that judge it do not look: they are never answered worse.",
        `Mutual information of a hidden unit's sign with the same unit's in the original, as a share of its entropy, mean over units and walks: ${guarded
          .map((guard) => {
            const walked = found.filter((made) => made.images === guard);
            const shares = Object.keys(walked[0].information).map(
              (layer) => `${layer} ${percent(mean(walked.map((w) => w.information[layer])), 0)} %`,
            );
            return `${shares.join(", ")} (judged by ${guard.toLocaleString("en")})`;
          })
          .join("; ")}.`,
        `Cost for one image: ${counts("additions").toLocaleString("en")} additions and no multiplication, against ${Math.round(multiplications).toLocaleString("en")} multiplications and as many additions of the dense network. Memory of the weights: ${(counts("weights") / 4096).toFixed(1)} KiB at two bits a weight, against ${(counts("weights") / 256).toFixed(1)} KiB as float32.`,
      ],
      findings: [
        ...guarded.map((guard) => {
          const ends = endsOf(guard);
          return {
            what: `nonzero weights moved by equally good swaps, and test accuracy then (from ${percent(found[0].milestones[0].test)} %), judged by ${guard.toLocaleString("en")} images`,
            paper: "",
            measured: `${spread(
              ends.map((m) => 100 * m.moved),
              0,
            )} %; ${spread(ends.map((m) => 100 * m.test))} %`,
          };
        }),
        {
          what: "operations for an image, memory of the weights",
          paper: "less power, less memory",
          measured: `${counts("additions").toLocaleString("en")} additions, ${(counts("weights") / 4096).toFixed(1)} KiB; dense float32 network: ${Math.round(multiplications).toLocaleString("en")} multiplications and additions, ${(counts("weights") / 256).toFixed(1)} KiB`,
        },
      ],
      table: {
        columns: ["layer", "weights", "nonzero", "additions", "float32 bytes", "two-bit bytes"],
        rows: layers.map((l) => [
          l.name,
          l.weights,
          l.nonzeros,
          l.additions,
          4 * l.weights,
          Math.ceil(l.weights / 4),
        ]),
      },
    };
  },
};

async function walk(
  original: TernaryNetwork,
  train: MnistData,
  test: MnistData,
  steps: number,
  seed: number,
  progress: PointProgress,
): Promise<Omit<Walk, "images">> {
  const network = cloneNetwork(original);
  const layers = network.architecture.layers.map((layer) => layer.name);
  const engine = await DeltaEngine.create(network, train, layers);
  const drawers = layers.map((layer) => new SwapDrawer(network, layer));
  // Swaps keep these counts.
  const counts = describe(original).map((layer) => layer.nonzeros);
  const random = new Random(seed);
  const floor = engine.measure("accuracy");
  const digits = await predictions(original, test);
  const milestones: Milestone[] = [];
  let tried = 0;
  const milestone = async (swaps: number) => {
    const now = await predictions(network, test);
    milestones.push({
      swaps,
      tried,
      moved: movedShare(original, network),
      train: engine.measure("accuracy"),
      test: agreement(now, test.labels),
      agreement: agreement(now, digits),
    });
  };
  await milestone(0);
  for (let step = 1; step <= steps; step++) {
    // All nonzero weights are equally likely to move; a layer without an equally good neighbour in a few groups is left.
    const drawer = drawers[drawnFrom(counts, random)];
    for (let group = 0; group < 4; group++) {
      const swaps: Swap[] = Array.from({ length: GROUP }, () => drawer.draw(random, "same"));
      const scores = engine.neighbours("accuracy", drawer.layer, swaps);
      const first = scores.findIndex((score) => score >= floor);
      tried += first < 0 ? GROUP : first + 1;
      if (first < 0) continue;
      // The drawer makes the swap in the same weights as the engine, and keeps its own account of it.
      drawer.apply(swaps[first]);
      await engine.apply(swaps[first]);
      break;
    }
    if (step % Math.ceil(steps / MILESTONES) === 0 || step === steps) await milestone(step);
    progress(step / steps);
  }
  return { seed, milestones, information: sharedInformation(original, network, slice(test, 0, COMPARED)) };
}

/** An index, as likely as its count is large. */
function drawnFrom(counts: readonly number[], random: Random): number {
  let left = random.integers(counts.reduce((a, b) => a + b));
  let index = 0;
  while (left >= counts[index]) left -= counts[index++];
  return index;
}

async function predictions(network: TernaryNetwork, { inputs }: MnistData): Promise<number[]> {
  const outputs = await inferBatch(network, inputs);
  return Array.from({ length: outputs.length / 10 }, (_, i) => {
    const row = outputs.subarray(10 * i, 10 * i + 10);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
}

/** Share of places in which two lists of digits are the same. */
function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) same++;
  return same / a.length;
}

/** Share of a network's nonzero weights that are 0 or of the other sign in another. */
function movedShare(from: TernaryNetwork, to: TernaryNetwork): number {
  let nonzeros = 0;
  let moved = 0;
  for (const [name, weights] of Object.entries(from.weights))
    weights.forEach((w, i) => {
      if (w === 0) return;
      nonzeros++;
      if (to.weights[name][i] !== w) moved++;
    });
  return moved / nonzeros;
}

/** For each hidden layer the mean over units of I(A; B) / H(A), A and B the signs of a unit in two networks. */
function sharedInformation(a: TernaryNetwork, b: TernaryNetwork, data: MnistData): Record<string, number> {
  const images = Array.from({ length: data.labels.length }, (_, i) =>
    data.inputs.subarray(784 * i, 784 * (i + 1)),
  );
  const mapsA = images.map((image) => activations(a, image));
  const mapsB = images.map((image) => activations(b, image));
  const result: Record<string, number> = {};
  a.architecture.layers.slice(0, -1).forEach((layer, k) => {
    const shares: number[] = [];
    for (let unit = 0; unit < mapsA[0][k].length; unit++) {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < images.length; i++)
        counts[(mapsA[i][k][unit] > 0 ? 2 : 0) + (mapsB[i][k][unit] > 0 ? 1 : 0)]++;
      const entropyA = entropy([counts[0] + counts[1], counts[2] + counts[3]]);
      // A unit that never changes sign has nothing to share.
      if (entropyA === 0) continue;
      const entropyB = entropy([counts[0] + counts[2], counts[1] + counts[3]]);
      shares.push((entropyA + entropyB - entropy(counts)) / entropyA);
    }
    result[layer.name] = mean(shares);
  });
  return result;
}

/** Entropy of counts, in bits. */
function entropy(counts: readonly number[]): number {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.reduce(
    (sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log2(count / total)),
    0,
  );
}
