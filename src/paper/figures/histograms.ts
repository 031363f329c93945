/**
 * Figs 3 and 8: accuracy of first neighbours, layer by layer, beside the network they are neighbours of (red line). The
 * paper reads from them that deeper layers have more neighbours that beat the original.
 */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { stack } from "../../show/charts/chart.ts";
import { type Bin, binned, histogram } from "../../show/charts/histogram.ts";
import {
  type Figure,
  type FigureResult,
  type Finding,
  type Lab,
  type Panel,
  percent,
  whole,
} from "../figure.ts";
import { originOf, type TestSet } from "../materials.ts";
import { type Shares, sampleNeighbourhood, shares } from "../neighbourhood.ts";
import { allOf, INPUTS } from "../workspace.ts";

const SEED = 3;

/** A network whose neighbourhoods are shown. */
interface Subject {
  /** Name of its points: the recipe. */
  name: string;
  /** The recipe as captions name it. */
  title: string;
  network(): Promise<TernaryNetwork>;
}

/** The neighbourhood of one layer. */
interface LayerPoint extends Shares {
  bins: Bin[];
}

/** A subject as it was measured. */
interface Measured extends Subject {
  /** The training run that made the network. */
  origin: string;
  /** Histograms by name of the layer. */
  layers: Record<string, LayerPoint>;
}

/** Fig 3. */
export const mnistHistograms: Figure = {
  id: "fig3",
  title: "Accuracy of first neighbours, MNIST",
  async run(lab) {
    const { materials } = lab;
    return histograms(lab, "fig3", materials.mnistTestSet, [
      { name: "paper", title: "Steps 1–4", network: () => materials.mnistNetwork("paper") },
      { name: "default", title: "default recipe", network: () => materials.mnistNetwork("default") },
    ]);
  },
};

/** Fig 8. */
export const carHistograms: Figure = {
  id: "fig8",
  title: "Action accuracy of first neighbours, car",
  async run(lab) {
    const { materials } = lab;
    return histograms(lab, "fig8", materials.carTestSet, [
      { name: "default", title: "default recipe", network: () => materials.carNetwork() },
    ]);
  },
};

async function histograms(
  lab: Lab,
  figure: string,
  test: TestSet,
  subjects: readonly Subject[],
): Promise<FigureResult> {
  const count = lab.settings.neighbours;
  const measured = await allOf(...subjects.map((subject) => () => measure(lab, figure, test, subject)));
  const findings = measured.map(findingOf);
  return {
    panels: measured.map((subject) => {
      const name = subject.name === "default" && subjects.length > 1 ? `${figure}-default` : figure;
      return panelOf(name, subject, test, count);
    }),
    text: [
      `Neighbours above the original: ${findings.map((finding, i) => `${finding.measured} (${subjects[i].title})`).join("; ")}. The paper: a larger share the deeper the layer.`,
      "All numbers of the table are percent. A neighbour is above, equal or below by its number of right answers, without any rounding.",
    ],
    findings,
    table: {
      columns: ["layer", "original", "mean", "worst", "best", "above", "equal", "below"],
      rows: measured.flatMap(({ title, layers }) =>
        Object.entries(layers).map(([layer, { original, mean, best, worst, above, equal, below }]) => [
          `${title}, ${layer}`,
          ...[original, mean, worst, best, above, equal, below].map((value) => percent(value)),
        ]),
      ),
    },
  };
}

/** Samples and measures the neighbourhood of each layer. */
async function measure(
  { workspace, settings }: Lab,
  figure: string,
  test: TestSet,
  subject: Subject,
): Promise<Measured> {
  const network = await subject.network();
  const count = settings.neighbours;
  const measuredOn = test.count;
  const names = network.architecture.layers.map((layer) => layer.name);
  const points = await allOf(
    ...names.map(
      (layer) => () =>
        workspace.point(
          `${figure}/${subject.name}-${layer}`,
          { count, measuredOn, seed: SEED, network: network.metadata[INPUTS] },
          async (progress): Promise<LayerPoint> => {
            const data = await test.load();
            const found = await sampleNeighbourhood(network, layer, data, { count, seed: SEED }, progress);
            const bars = found.accuracies.map((accuracy) => ({ accuracy, count: 1 }));
            return { ...shares(found), bins: binned(bars, measuredOn) };
          },
        ),
    ),
  );
  const layers = Object.fromEntries(names.map((layer, i) => [layer, points[i]]));
  return { ...subject, origin: originOf(network), layers };
}

function findingOf({ title, layers }: Measured): Finding {
  return {
    what: `neighbours above the original, ${title}`,
    paper: "more, the deeper the layer",
    measured: Object.entries(layers)
      .map(([layer, { above }]) => `${percent(above, 1)} % in ${layer}`)
      .join(", "),
  };
}

/** One histogram a layer, two in a row. @param count neighbours of each layer */
function panelOf(name: string, { title, origin, layers }: Measured, test: TestSet, count: number): Panel {
  return {
    name,
    svg: stack(
      Object.entries(layers).map(([layer, { bins, original, above }]) =>
        histogram({
          title: `Layer ${layer}, ${title}`,
          x: { label: `${test.measure} (%)` },
          y: { label: "neighbours" },
          bins: bins.map(({ from, to, count }) => ({ from: 100 * from, to: 100 * to, count })),
          mark: {
            value: 100 * original,
            name: `original, ${percent(original)} %; ${percent(above, 1)} % of the neighbours are above`,
          },
        }),
      ),
      2,
    ),
    caption: `${title}: ${whole(count)} first neighbours of each layer, drawn at random (seed ${SEED}), each measured exactly on ${whole(test.count)} ${test.inputs}. The red line is the network itself (${origin}).`,
    data: { seed: SEED, count, measuredOn: test.count, layers },
  };
}
