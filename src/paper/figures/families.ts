/**
 * What the paper claims of families and does not measure: are members of a family really different networks, how far
 * can one walk through first neighbours that are as good, and what does a ternary network save?
 */

import { describe } from "../../../policies/ternary/describe.ts";
import { seedRange } from "../../data/seeds.ts";
import { mean } from "../../data/statistics.ts";
import { lineChart, palette } from "../../show/charts.ts";
import { type Figure, percent, whole } from "../figure.ts";
import { originOf } from "../materials.ts";
import { addRuns, type Runs, spread } from "../runs.ts";
import { COMPARED, type Milestone, type Walk, walk } from "../walk.ts";
import { INPUTS, NotMeasured } from "../workspace.ts";

const SEED = 9;

/** A walk, and how many training images judged it. */
interface JudgedWalk extends Walk {
  images: number;
}

export const families: Figure = {
  id: "families",
  title: "Families: how different, how far, how cheap",
  async run({ workspace, settings, materials }) {
    const network = await materials.mnistNetwork("default");
    const test = materials.mnistTest();
    const { steps, walks, images } = settings.walk;
    const found: JudgedWalk[] = [];
    for (const guard of images) {
      const train = materials.mnistTrain(guard);
      const bySeed: Runs<Walk> = new Map();
      await addRuns(bySeed, seedRange(SEED, walks), (seed) =>
        workspace.point(
          `families/walk-${guard}-seed${seed}`,
          { steps, seed, images: guard, compared: COMPARED, network: network.metadata[INPUTS] },
          (progress) => walk(network, train, test, steps, seed, progress),
        ),
      );
      found.push(...[...bySeed.values()].flat().map((made) => ({ ...made, images: guard })));
    }
    if (found.length === 0) throw new NotMeasured("no walk of it has been made yet");
    const judgedBy = (guard: number) => found.filter((made) => made.images === guard);
    const guarded = images.filter((guard) => judgedBy(guard).length > 0);
    const wanted = walks * images.length;
    const made = `${found.length}${found.length < wanted ? ` of ${wanted}` : ""} random walks`;
    const endsOf = (guard: number) =>
      judgedBy(guard).map(({ milestones }) => milestones[milestones.length - 1]);
    const lines = (value: (m: Milestone) => number) =>
      guarded.flatMap((guard, i) =>
        judgedBy(guard).map(({ milestones }, k) => ({
          name: k === 0 ? `judged by ${whole(guard)} training images` : "",
          color: palette[i],
          points: milestones.map((m) => [100 * m.moved, 100 * value(m)] as const),
        })),
      );
    const layers = describe(network);
    const counts = (key: "weights" | "nonzeros" | "additions") =>
      layers.reduce((sum, layer) => sum + layer[key], 0);
    const kibibytes = (bits: number) => `${((counts("weights") * bits) / 8192).toFixed(1)} KiB`;
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
          caption: `${made} from one network (${originOf(network)}) through first neighbours, layers drawn by their nonzero weights, each swap taken if accuracy on ${guarded.map((guard) => whole(guard)).join(" or ")} training images stays at or above the original's: ${whole(steps)} steps of at most one swap, seeds from ${SEED} on.`,
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
          return `Judged by ${whole(guard)} training images: after ${whole(steps)} steps of at most one swap ${ends.map((m) => percent(m.moved, 0)).join(", ")} % of the nonzero weights had moved, test accuracy went from ${percent(found[0].milestones[0].test)} % to ${ends.map((m) => percent(m.test)).join(", ")} %, and ${ends.map((m) => percent(m.agreement)).join(", ")} % of the test images kept their digit.`;
        }),
        `The members of the family share sparsity and counts of -1, 0 and +1 in every layer by construction. A nonzero weight that moved makes for at most two places in which the networks differ: their Hamming distance is up to twice as many weights, ${guarded.map((guard) => `${whole(Math.round(2 * counts("nonzeros") * mean(endsOf(guard).map((m) => m.moved))))} of ${whole(counts("weights"))} (judged by ${whole(guard)}, mean over walks)`).join(", ")}. On the images that judge a walk no network of it answers fewer rightly than the original.`,
        `Mutual information of a hidden unit's sign with the same unit's in the original, as a share of its entropy, mean over units and walks, on the first ${COMPARED} test images: ${guarded
          .map((guard) => {
            const walked = judgedBy(guard);
            const shares = Object.keys(walked[0].information).map(
              (layer) => `${percent(mean(walked.map((w) => w.information[layer])), 0)} % in ${layer}`,
            );
            return `${shares.join(", ")} (judged by ${whole(guard)})`;
          })
          .join("; ")}.`,
        `Cost for one image: ${whole(counts("additions"))} additions and no multiplication, against ${whole(Math.round(multiplications))} multiplications and as many additions of the dense network. Memory of the weights: ${kibibytes(2)} at two bits a weight, against ${kibibytes(32)} as float32.`,
      ],
      findings: [
        ...guarded.map((guard) => {
          const ends = endsOf(guard);
          return {
            what: `nonzero weights moved by equally good swaps, and test accuracy then (from ${percent(found[0].milestones[0].test)} %), judged by ${whole(guard)} images`,
            paper: "such networks exist; how far apart is not measured",
            measured: `${spread(
              ends.map((m) => 100 * m.moved),
              1,
            )} %; ${spread(ends.map((m) => 100 * m.test))} %`,
          };
        }),
        {
          what: "operations for an image, memory of the weights",
          paper: "less power, less memory",
          measured: `${whole(counts("additions"))} additions, ${kibibytes(2)}; dense float32 network: ${whole(Math.round(multiplications))} multiplications and additions, ${kibibytes(32)}`,
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
