/** The curve of a training as files beside the network: NAME.curve.json and NAME.curve.svg. */
import { writeFileAtomic } from "../../../recordings/files/atomic.ts";
import { curvePicture } from "../../show/pages/training.ts";
import type { CurvePoint } from "../../train/curve.ts";

/** @returns the names of the two files */
export async function writeCurve(out: string, curve: readonly CurvePoint[]): Promise<string[]> {
  const json = out.replace(/\.safetensors$/, ".curve.json");
  const svg = out.replace(/\.safetensors$/, ".curve.svg");
  writeFileAtomic(json, `${JSON.stringify({ points: curve }, null, 1)}\n`);
  writeFileAtomic(svg, curvePicture(curve));
  return [json, svg];
}
