/**
 * Speed of drawing frames on one core, over golden laps: the environment's steps with frames, and the kernel beside
 * its twin, the plain surface, on the same views. Bars: 4,000 steps a second, 230 µs an observation, 150 pictures of
 * 600×400 a second.
 *
 *     npm run bench:render -- [--episodes driver-8,driver-9,driver-late-10] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`.
 */
import { parseArgs } from "node:util";
import { CarRacing } from "../env/car-racing/car-racing.ts";
import type { Canvas } from "../env/car-racing/render/canvas.ts";
import { KernelCanvas } from "../env/car-racing/render/kernel-canvas.ts";
import type { Scene, View } from "../env/car-racing/render/renderer.ts";
import { ScenePainter } from "../env/car-racing/render/scene.ts";
import { PlainSurface } from "../env/car-racing/render/surface.ts";
import { sum } from "../src/data/statistics.ts";
import { loadGolden } from "../test/golden.ts";
import { printRows, type Row } from "./common.ts";

const { values } = parseArgs({
  options: {
    episodes: { type: "string", default: "driver-8,driver-9,driver-late-10" },
    json: { type: "boolean", default: false },
  },
});

/** A frame as it can be drawn again. */
interface Shot {
  scene: Scene;
  view: View;
}

/** Times of single steps or frames, µs. */
class Times {
  readonly #sorted: number[];

  constructor(times: number[]) {
    this.#sorted = times.toSorted((a, b) => a - b);
  }

  /** @param q from 0 (the shortest time) to 1 (the longest) */
  quantile(q: number): number {
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.floor(q * this.#sorted.length))];
  }

  /** Rate by the median time. */
  perSecond(): number {
    return 1e6 / this.quantile(0.5);
  }
}

/** Replays a golden episode: the time of each step with frames, and every frame. */
async function replay(name: string): Promise<{ steps: number[]; shots: Shot[] }> {
  const golden = loadGolden(name);
  const env = await CarRacing.create({ ...golden.kwargs });
  const steps: number[] = [];
  const shots: Shot[] = [];
  for (const timed of [false, true, true]) {
    shots.length = 0;
    env.reset({ seed: golden.seed, options: golden.options });
    for (let k = 0; k < golden.steps; k++) {
      const action = golden.action(k);
      const begin = performance.now();
      env.step(action);
      if (timed) steps.push((performance.now() - begin) * 1000);
      const scene = { ...env.scene, quadColors: env.scene.quadColors.slice() };
      shots.push({ scene, view: structuredClone(env.view) });
    }
  }
  env.close();
  return { steps, shots };
}

/** Times of frames on one canvas. @param stride every how many frames one is drawn */
function draw(canvas: Canvas, shots: readonly Shot[], width: number, height: number, stride: number): Times {
  const painter = new ScenePainter();
  const out = new Uint8Array(width * height * 3);
  const times: number[] = [];
  for (let k = 0; k < shots.length; k += stride) {
    const { scene, view } = shots[k];
    painter.load(scene);
    const begin = performance.now();
    painter.paint(canvas, view, width > 96);
    canvas.scale(width, height, out);
    times.push((performance.now() - begin) * 1000);
  }
  return new Times(times);
}

const kernel = await KernelCanvas.create();
const plain = new PlainSurface();
const rows: Row[] = [];
for (const name of values.episodes.split(",")) {
  const { steps, shots } = await replay(name);
  draw(kernel, shots, 96, 96, 1);
  const observation = draw(kernel, shots, 96, 96, 1);
  const video = draw(kernel, shots, 600, 400, 4);
  const plainObservation = draw(plain, shots, 96, 96, 20);
  const plainVideo = draw(plain, shots, 600, 400, 40);
  const step = new Times(steps);
  const whole = (steps.length * 1e6) / sum(steps);
  console.log(
    `${name}: ${step.perSecond().toFixed(0)} steps/s at the median, ${whole.toFixed(0)} in all; observation ` +
      `${[0.5, 0.9, 1].map((q) => observation.quantile(q).toFixed(0)).join(" / ")} µs (median / 90 % / most), ` +
      `plain ${plainObservation.quantile(0.5).toFixed(0)}; video ${video.perSecond().toFixed(0)} pictures/s, ` +
      `plain ${plainVideo.perSecond().toFixed(0)}`,
  );
  const row = (what: string, unit: string, fast: Times, slow: Times): Row => ({
    name: `render/${what}/${name}`,
    unit,
    value: fast.perSecond(),
    reference: "plain surface",
    referenceValue: slow.perSecond(),
    ratio: fast.perSecond() / slow.perSecond(),
  });
  rows.push(row("observation", "frames/s", observation, plainObservation));
  rows.push(row("video", "pictures/s", video, plainVideo));
}
printRows(rows, values.json);
