/** The report page of `tritrack train`: scores, curves, weights and, for the car, an episode on film. */
import type { LayerDescription } from "../../../policies/ternary/describe.ts";
import type { CurvePoint } from "../../train/curve.ts";
import { stack } from "../charts/chart.ts";
import { lineChart } from "../charts/lines.ts";
import type { DrivenLine } from "../video/film-episode.ts";
import { episodeSections } from "./evaluation.ts";
import { reportPage, type Table } from "./page.ts";

/** Contents of the page. */
export interface TrainingReport {
  /** Task of the network. */
  task: "car" | "mnist";
  /** Share of zero weights that was asked for, percent. */
  sparsity: number;
  /** The command that trained it. */
  command: string;
  /** Duration of the training, seconds. */
  seconds: number;
  /** Losses and validation accuracies by step; the section is left out without them. */
  curve: readonly CurvePoint[] | undefined;
  /** Name and value of each score. */
  scores: Table["rows"];
  /** The layers of the network. */
  layers: readonly LayerDescription[];
  /** An episode of a car network and the address of its video, relative to the page. Default: none */
  film?: { line: DrivenLine; video: string };
}

/** The page as HTML text. */
export function trainingReport(training: TrainingReport): string {
  const { task, sparsity, command, seconds, curve, scores, layers, film } = training;
  const minutes = Math.ceil(seconds / 60);
  return reportPage({
    title: `A ${sparsity} % sparse ternary network, ${task === "car" ? "driving" : "MNIST"}`,
    lead: `Every weight is -1, 0 or +1. Trained in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.`,
    sections: [
      { heading: "Scores", table: { columns: ["measure", "value"], rows: scores } },
      ...(film ? episodeSections(film.line, film.video, `Seed ${film.line.seed}`) : []),
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

/**
 * The curve of a training as SVG text: above, the loss of each phase; below, if they were measured, validation accuracy
 * and sparsity.
 */
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
