/**
 * Figs 3 and 8: how accurate first neighbours are, layer by layer, beside the network they are neighbours of (red
 * line). The paper reads from them that deeper layers have more neighbours that beat the original.
 */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { type Bin, binned } from "../../show/bins.ts";
import { histogram, stack } from "../../show/charts.ts";
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

interface LayerPoint extends Shares {
  bins: Bin[];
}

/** One network whose neighbourhoods are shown. */
interface Subject {
  /** "paper": how it was made. */
  name: string;
  title: string;
  network(): Promise<TernaryNetwork>;
}

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
  { workspace, settings }: Lab,
  figure: string,
  test: TestSet,
  subjects: readonly Subject[],
): Promise<FigureResult> {
  const count = settings.neighbours;
  const measuredOn = test.count;
  const measure = async ({ name, network: load }: Subject) => {
    const network = await load();
    const names = network.architecture.layers.map((layer) => layer.name);
    const points = await allOf(
      ...names.map(
        (layer) => () =>
          workspace.point(
            `${figure}/${name}-${layer}`,
            { count, measuredOn, seed: SEED, network: network.metadata[INPUTS] },
            async (progress) => {
              const data = await test.load();
              const found = await sampleNeighbourhood(network, layer, data, { count, seed: SEED }, progress);
              const bars = found.accuracies.map((accuracy) => ({ accuracy, count: 1 }));
              return { ...shares(found), bins: binned(bars, measuredOn) };
            },
          ),
      ),
    );
    const layers: Record<string, LayerPoint> = Object.fromEntries(
      names.map((layer, i) => [layer, points[i]]),
    );
    return { origin: originOf(network), layers };
  };
  const found = await allOf(...subjects.map((subject) => () => measure(subject)));
  const panels: Panel[] = [];
  const rows: string[][] = [];
  const findings: Finding[] = [];
  subjects.forEach(({ name, title }, i) => {
    const { origin, layers } = found[i];
    for (const [layer, { original, mean, best, worst, above, equal, below }] of Object.entries(layers))
      rows.push([
        `${title}, ${layer}`,
        ...[original, mean, worst, best, above, equal, below].map((value) => percent(value)),
      ]);
    findings.push({
      what: `neighbours above the original, ${title}`,
      paper: "more, the deeper the layer",
      measured: Object.entries(layers)
        .map(([layer, { above }]) => `${percent(above, 1)} % in ${layer}`)
        .join(", "),
    });
    panels.push({
      name: name === "default" && subjects.length > 1 ? `${figure}-default` : figure,
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
      caption: `${title}: ${whole(count)} first neighbours of each layer, drawn at random (seed ${SEED}), each measured exactly on ${whole(measuredOn)} ${test.inputs}. The red line is the network itself (${origin}).`,
      data: { seed: SEED, count, measuredOn, layers },
    });
  });
  return {
    panels,
    text: [
      `Neighbours above the original: ${findings.map(({ measured }, i) => `${measured} (${subjects[i].title})`).join("; ")}. The paper: a larger share the deeper the layer.`,
      "All numbers of the table are percent. A neighbour is above, equal or below by its count of right answers, without any rounding.",
    ],
    findings,
    table: {
      columns: ["layer", "original", "mean", "worst", "best", "above", "equal", "below"],
      rows,
    },
  };
}
