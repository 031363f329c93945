/** Pictures and page of a training: its curves, its scores, its weights and, for the car, a lap. */
import type { LayerDescription } from "../../policies/ternary/describe.ts";
import type { CurvePoint } from "../train/curve.ts";
import { lineChart, stack } from "./charts.ts";
import { lapSections } from "./evaluation.ts";
import { reportPage, type Table } from "./page.ts";
import type { Lap } from "./video/lap.ts";

/** Loss by phase and, where they were measured, validation accuracy and sparsity, below one another. */
export function curvePicture(curve: readonly CurvePoint[]): string {
  const phases = [...new Set(curve.map((point) => point.phase))];
  const x = { label: "steps" };
  const line = (value: (point: CurvePoint) => number | null) =>
    curve.flatMap((point) => {
      const y = value(point);
      return y === null ? [] : [[point.step, y] as const];
    });
  const shares = [
    { name: "validation accuracy", points: line(({ accuracy }) => accuracy && 100 * accuracy) },
    { name: "zero weights", points: line(({ sparsity }) => sparsity) },
  ].filter(({ points }) => points.length > 0);
  return stack([
    lineChart({
      x,
      y: { label: "mean loss of the batches" },
      series: phases.map((name) => ({
        name,
        points: line((point) => (point.phase === name ? point.loss : null)),
      })),
    }),
    ...(shares.length > 0 ? [lineChart({ x, y: { label: "%", domain: [0, 100] }, series: shares })] : []),
  ]);
}

export interface TrainingReport {
  task: "car" | "mnist";
  /** Share of zero weights asked for, percent. */
  sparsity: number;
  /** The command that made it. */
  command: string;
  seconds: number;
  curve: readonly CurvePoint[] | undefined;
  /** Names and values of what was measured. */
  scores: Table["rows"];
  layers: readonly LayerDescription[];
  /** A lap of a car network, and the address of its video, relative to the page. */
  lap?: { lap: Lap; video: string };
}

export function trainingReport(training: TrainingReport): string {
  const { task, sparsity, command, seconds, curve, scores, layers, lap } = training;
  return reportPage({
    title: `A ${sparsity} % sparse ternary network, ${task === "car" ? "driving" : "MNIST"}`,
    lead: `Every weight is -1, 0 or +1. Trained in ${Math.ceil(seconds / 60)} minutes.`,
    sections: [
      { heading: "Scores", table: { columns: ["measure", "value"], rows: scores } },
      ...(lap ? lapSections(lap.lap, lap.video, `Seed ${lap.lap.seed}`) : []),
      ...(curve && curve.length > 0
        ? [
            {
              heading: "Training",
              svg: curvePicture(curve),
              caption: "Loss of the batches, phase after phase.",
            },
          ]
        : []),
      {
        heading: "Weights",
        table: {
          columns: ["layer", "weights", "+1", "-1", "zero", "additions an input"],
          rows: layers.map((layer) => [
            layer.name,
            layer.weights,
            layer.plus,
            layer.minus,
            `${layer.sparsity.toFixed(1)} %`,
            layer.additions,
          ]),
        },
      },
      { heading: "How it was made", code: command },
    ],
  });
}
