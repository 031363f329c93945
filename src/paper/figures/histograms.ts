/**
 * Figs 3 and 8: how accurate first neighbours are, layer by layer, beside the network they are neighbours of (red
 * line). The paper reads from them that deeper layers have more neighbours that beat the original.
 */
import type { TernaryNetwork } from "../../../policies/ternary/network.ts";
import { histogram, stack } from "../../report/charts.ts";
import type { SearchData } from "../../search/index.ts";
import { type Figure, type Finding, type Lab, percent } from "../figure.ts";
import { binned, type Shares, sampleNeighbourhood, shares } from "../neighbourhood.ts";

const SEED = 3;

interface LayerPoint extends Shares {
  bins: { from: number; to: number; count: number }[];
}

/** One network whose neighbourhoods are shown. */
interface Subject {
  /** "paper": how it was made. */
  name: string;
  title: string;
  network: TernaryNetwork;
}

export const mnistHistograms: Figure = {
  id: "fig3",
  title: "Accuracy of first neighbours, MNIST",
  async run(lab) {
    const { materials } = lab;
    const data = materials.mnistTest(lab.settings.images);
    return histograms(lab, "fig3", "test accuracy", data, [
      {
        name: "paper",
        title: "Steps 1–4",
        network: await materials.mnistNetwork("paper"),
      },
      {
        name: "default",
        title: "default recipe",
        network: await materials.mnistNetwork("default"),
      },
    ]);
  },
};

export const carHistograms: Figure = {
  id: "fig8",
  title: "Action accuracy of first neighbours, car",
  async run(lab) {
    const { materials } = lab;
    const data = await materials.carTest(lab.settings.images);
    return histograms(lab, "fig8", "action accuracy", data, [
      { name: "default", title: "default recipe", network: await materials.carNetwork() },
    ]);
  },
};

async function histograms(
  { workspace, settings }: Lab,
  figure: string,
  measured: string,
  data: SearchData,
  subjects: readonly Subject[],
) {
  const count = settings.neighbours;
  const measuredOn = data.task === "car" ? data.targets.length / 3 : data.labels.length;
  const panels = [];
  const rows: (string | number)[][] = [];
  const text: string[] = [];
  const findings: Finding[] = [];
  for (const { name, title, network } of subjects) {
    const layers: Record<string, LayerPoint> = {};
    for (const layer of network.architecture.layers.map((l) => l.name)) {
      layers[layer] = await workspace.point(
        `${figure}/${name}-${layer}`,
        { count, measuredOn, seed: SEED, network: network.metadata.paper },
        async (progress) => {
          const found = await sampleNeighbourhood(network, layer, data, { count, seed: SEED }, progress);
          return { ...shares(found), bins: binned(found.accuracies, measuredOn) };
        },
      );
      const { original, mean, best, worst, above, equal, below } = layers[layer];
      rows.push([
        `${title}, ${layer}`,
        ...[original, mean, worst, best, above, equal, below].map((value) => percent(value)),
      ]);
    }
    const above = Object.entries(layers).map(([layer, found]) => `${layer} ${percent(found.above, 1)} %`);
    findings.push({
      what: `neighbours above the original, ${title}`,
      paper: "more, the deeper the layer",
      measured: above.join(", "),
    });
    text.push(
      `${title}: above the original are ${above.join(", ")} of the neighbours. The paper: a larger share the deeper the layer.`,
    );
    panels.push({
      name: name === "default" && subjects.length > 1 ? `${figure}-default` : figure,
      svg: stack(
        Object.entries(layers).map(([layer, { bins, original, above }]) =>
          histogram({
            title: `Layer ${layer}, ${title}`,
            x: { label: `${measured} (%)` },
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
      caption: `${title}: ${count} first neighbours of each layer, drawn at random (seed ${SEED}), each measured exactly on ${measuredOn} ${data.task === "car" ? "frames" : "images"}. The red line is the network itself.`,
      data: { seed: SEED, count, measuredOn, layers },
    });
  }
  return {
    panels,
    text: [
      ...text,
      "All numbers of the table are percent. A neighbour is better, equal or worse by its count of right answers, without any rounding.",
    ],
    findings,
    table: {
      columns: ["layer", "original", "mean", "worst", "best", "above", "equal", "below"],
      rows,
    },
  };
}
