/**
 * Three claims that the paper makes of families and does not measure: that members of a family are really different
 * networks, that one can walk far through first neighbours that are as good, and that ternary networks are cheap.
 */

import { describe, type LayerDescription } from "../../../policies/ternary/describe.ts";
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { seedRange } from "../../data/seeds.ts";
import { mean } from "../../data/statistics.ts";
import { palette } from "../../show/charts/chart.ts";
import { lineChart, type Series } from "../../show/charts/lines.ts";
import { type Figure, type Finding, type Lab, type Panel, percent, whole } from "../figure.ts";
import { originOf } from "../materials.ts";
import { addRuns, type Runs, spread } from "../runs.ts";
import { COMPARED, type Milestone, type Walk, walk } from "../walk.ts";
import { INPUTS, NotMeasured } from "../workspace.ts";

const SEED = 9;

/** Bits of a weight: stored as -1, 0 or +1, and as a float. */
const TERNARY_BITS = 2;
const FLOAT_BITS = 32;

/** A walk and the number of training images that judged it. */
interface JudgedWalk extends Walk {
  images: number;
}

/** The walks that one number of training images judged. */
interface WalkGroup {
  /** Training images. */
  images: number;
  walks: readonly JudgedWalk[];
  /** The last milestone of each walk. */
  ends: readonly Milestone[];
}

/** Cost of a network: for one image, and its memory. */
interface Cost {
  weights: number;
  nonzeros: number;
  /** Additions of the ternary network. */
  additions: number;
  /** Multiplications, and as many additions, of the same network with dense weights. */
  multiplications: number;
}

/** The figure on families. */
export const families: Figure = {
  id: "families",
  title: "Families: how different, how far, how cheap",
  async run(lab) {
    const network = await lab.materials.mnistNetwork("default");
    const { walk: planned } = lab.settings;
    const walks = await measuredWalks(lab, network);
    if (walks.length === 0) throw new NotMeasured("families: no walk is measured yet");
    const groups = groupsOf(walks, planned.images);
    const layers = describe(network);
    const cost = costOf(layers);
    return {
      panels: panelsOf(walks, groups, lab, network),
      text: textOf(walks, groups, planned.steps, cost),
      findings: findingsOf(walks, groups, cost),
      table: {
        columns: ["layer", "weights", "nonzero", "additions", "float32 bytes", "two-bit bytes"],
        rows: layers.map(({ name, weights, nonzeros, additions }) => [
          name,
          weights,
          nonzeros,
          additions,
          (FLOAT_BITS / 8) * weights,
          Math.ceil((TERNARY_BITS * weights) / 8),
        ]),
      },
    };
  },
};

/** The walks that are measured so far, by number of images and seed. */
async function measuredWalks(
  { workspace, settings, materials }: Lab,
  network: TernaryNetwork,
): Promise<JudgedWalk[]> {
  const test = materials.mnistTest();
  const { steps, walks, images } = settings.walk;
  const found: JudgedWalk[] = [];
  for (const count of images) {
    const train = materials.mnistTrain(count);
    const bySeed: Runs<Walk> = new Map();
    await addRuns(bySeed, seedRange(SEED, walks), (seed) =>
      workspace.point(
        `families/walk-${count}-seed${seed}`,
        { steps, seed, images: count, compared: COMPARED, network: network.metadata[INPUTS] },
        (progress) => walk(network, train, test, steps, seed, progress),
      ),
    );
    found.push(...[...bySeed.values()].flat().map((made) => ({ ...made, images: count })));
  }
  return found;
}

/** Groups by number of images; a number without a walk has no group. */
function groupsOf(walks: readonly JudgedWalk[], images: readonly number[]): WalkGroup[] {
  return images
    .map((count) => {
      const own = walks.filter((made) => made.images === count);
      const ends = own.map(({ milestones }) => milestones[milestones.length - 1]);
      return { images: count, walks: own, ends };
    })
    .filter((group) => group.walks.length > 0);
}

function costOf(layers: readonly LayerDescription[]): Cost {
  const total = (key: "weights" | "nonzeros" | "additions") =>
    layers.reduce((sum, layer) => sum + layer[key], 0);
  return {
    weights: total("weights"),
    nonzeros: total("nonzeros"),
    additions: total("additions"),
    multiplications: Math.round(
      layers.reduce((sum, { additions, nonzeros, weights }) => sum + (additions / nonzeros) * weights, 0),
    ),
  };
}

/** Memory of the weights at so many bits each. */
function kibibytes({ weights }: Cost, bits: number): string {
  return `${((weights * bits) / 8192).toFixed(1)} KiB`;
}

function panelsOf(
  walks: readonly JudgedWalk[],
  groups: readonly WalkGroup[],
  { settings }: Lab,
  network: TernaryNetwork,
): Panel[] {
  const { steps, walks: perCount, images } = settings.walk;
  const wanted = perCount * images.length;
  const made = `${walks.length}${walks.length < wanted ? ` of ${wanted}` : ""} random walks`;
  const data = { seed: SEED, steps, walks };
  const x = { label: "nonzero weights that moved (%)" };
  return [
    {
      name: "families-agreement",
      svg: lineChart({
        title: "Same digits as the original?",
        x,
        y: { label: "test images with the same digit (%)" },
        series: seriesOf(groups, ({ agreement }) => agreement),
      }),
      caption: `${made} from one network (${originOf(network)}) through first neighbours. A layer is drawn by its number of nonzero weights, and a swap is made if accuracy on ${groups.map((group) => whole(group.images)).join(" or ")} training images stays at or above the original's: ${whole(steps)} steps of at most one swap, seeds from ${SEED} on.`,
      data,
    },
    {
      name: "families-accuracy",
      svg: lineChart({
        title: "As good?",
        x,
        y: { label: "test accuracy (%)" },
        series: seriesOf(groups, ({ test }) => test),
      }),
      caption: "The same walks: test accuracy, which decides nothing.",
      data,
    },
  ];
}

/** A line for each walk, one colour a group; the first line of a group bears its name. */
function seriesOf(groups: readonly WalkGroup[], value: (milestone: Milestone) => number): Series[] {
  return groups.flatMap(({ images, walks }, i) =>
    walks.map(({ milestones }, k) => ({
      name: k === 0 ? `judged by ${whole(images)} training images` : "",
      color: palette[i],
      points: milestones.map((m) => [100 * m.moved, 100 * value(m)] as const),
    })),
  );
}

function textOf(
  walks: readonly JudgedWalk[],
  groups: readonly WalkGroup[],
  steps: number,
  cost: Cost,
): string[] {
  const start = percent(walks[0].milestones[0].test);
  const distances = groups.map(
    ({ images, ends }) =>
      `${whole(Math.round(2 * cost.nonzeros * mean(ends.map((m) => m.moved))))} of ${whole(cost.weights)} (judged by ${whole(images)}, mean over walks)`,
  );
  const informations = groups.map(({ images, walks: own }) => {
    const shares = Object.keys(own[0].information).map(
      (layer) => `${percent(mean(own.map((w) => w.information[layer])), 0)} % in ${layer}`,
    );
    return `${shares.join(", ")} (judged by ${whole(images)})`;
  });
  return [
    ...groups.map(
      ({ images, ends }) =>
        `Judged by ${whole(images)} training images: after ${whole(steps)} steps of at most one swap ${ends.map((m) => percent(m.moved, 0)).join(", ")} % of the nonzero weights had moved, test accuracy went from ${start} % to ${ends.map((m) => percent(m.test)).join(", ")} %, and ${ends.map((m) => percent(m.agreement)).join(", ")} % of the test images kept their digit.`,
    ),
    `The members of the family share sparsity and counts of -1, 0 and +1 in every layer by construction. A nonzero weight that moved makes for at most two places in which the networks differ: their Hamming distance is up to twice as many weights, ${distances.join(", ")}. On the images that judge a walk, every network on it answers at least as many correctly as the original.`,
    `Mutual information of a hidden unit's sign with the same unit's in the original, as a share of its entropy, mean over units and walks, on the first ${COMPARED} test images: ${informations.join("; ")}.`,
    `Cost for one image: ${whole(cost.additions)} additions and no multiplication, against ${whole(cost.multiplications)} multiplications and as many additions of the dense network. Memory of the weights: ${kibibytes(cost, TERNARY_BITS)} at two bits a weight, against ${kibibytes(cost, FLOAT_BITS)} as float32.`,
  ];
}

function findingsOf(walks: readonly JudgedWalk[], groups: readonly WalkGroup[], cost: Cost): Finding[] {
  return [
    ...groups.map(({ images, ends }) => {
      const moved = spread(
        ends.map((m) => 100 * m.moved),
        1,
      );
      return {
        what: `nonzero weights moved by equally good swaps, and test accuracy then (from ${percent(walks[0].milestones[0].test)} %), judged by ${whole(images)} images`,
        paper: "such networks exist; how far apart is not measured",
        measured: `${moved} %; ${spread(ends.map((m) => 100 * m.test))} %`,
      };
    }),
    {
      what: "operations for an image, memory of the weights",
      paper: "less power, less memory",
      measured: `${whole(cost.additions)} additions, ${kibibytes(cost, TERNARY_BITS)}; dense float32 network: ${whole(cost.multiplications)} multiplications and additions, ${kibibytes(cost, FLOAT_BITS)}`,
    },
  ];
}
