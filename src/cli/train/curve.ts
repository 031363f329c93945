/** The curve of a training as files beside the network: NAME.curve.json and NAME.curve.svg. */
import { writeFileAtomic } from "../../../recordings/files/atomic.ts";
import type { CurvePoint } from "../../train/curve.ts";

/** @returns the names of the two files */
export async function writeCurve(out: string, curve: readonly CurvePoint[]): Promise<string[]> {
  const { lineChart, stack } = await import("../../report/charts.ts");
  const json = out.replace(/\.safetensors$/, ".curve.json");
  const svg = out.replace(/\.safetensors$/, ".curve.svg");
  writeFileAtomic(json, `${JSON.stringify({ points: curve }, null, 1)}\n`);
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
  const pictures = [
    lineChart({
      x,
      y: { label: "mean loss of the batches" },
      series: phases.map((name) => ({
        name,
        points: line((point) => (point.phase === name ? point.loss : null)),
      })),
    }),
    ...(shares.length > 0 ? [lineChart({ x, y: { label: "%", domain: [0, 100] }, series: shares })] : []),
  ];
  writeFileAtomic(svg, stack(pictures));
  return [json, svg];
}
