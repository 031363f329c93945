/**
 * Speed of drawing on one core over the laps of the golden drivers: the environment's steps with frames, and its two
 * pictures beside those that the oracle, the plain surface, draws of the same moments. Bars: 4,000 steps a second, 230 µs
 * an observation, 150 pictures of 600×400 a second.
 *
 *     npx tsx bench/render.ts [--episodes driver-8,driver-9,driver-late-10] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`.
 */
import { parseArgs } from "node:util";
import { CarRacing } from "../env/car-racing/car-racing.ts";
import { loadParts, polygonsOf, scoreOf } from "../test/env/core/parts.ts";
import { ScenePainter } from "../test/env/oracle/scene.ts";
import { PlainSurface } from "../test/env/oracle/surface.ts";
import { loadGolden } from "../test/golden.ts";

const { values } = parseArgs({
  options: {
    episodes: { type: "string", default: "driver-8,driver-9,driver-late-10" },
    json: { type: "boolean", default: false },
  },
});

interface Row {
  name: string;
  unit: string;
  value: number;
  reference: string;
  referenceValue: number;
  ratio: number;
}

/** Times of single steps or frames, µs. */
class Times {
  private readonly sorted: number[];
  constructor(times: number[]) {
    this.sorted = times.toSorted((a, b) => a - b);
  }
  quantile(q: number): number {
    return this.sorted[Math.min(this.sorted.length - 1, Math.floor(q * this.sorted.length))];
  }
  perSecond(): number {
    return 1e6 / this.quantile(0.5);
  }
}

/** Times of a golden episode: of each step with frames, and of pictures of its moments, ours and the oracle's. */
interface Replay {
  steps: number[];
  observation: number[];
  video: number[];
  plainObservation: number[];
  plainVideo: number[];
}

async function replay(name: string): Promise<Replay> {
  const golden = loadGolden(name);
  const env = await CarRacing.create({ ...golden.kwargs });
  const pixels = await CarRacing.create({
    ...golden.kwargs,
    observations: false,
    renderMode: "state_pixels",
  });
  const video = await CarRacing.create({ ...golden.kwargs, observations: false, renderMode: "rgb_array" });
  const all = [env, pixels, video];
  const times: Replay = { steps: [], observation: [], video: [], plainObservation: [], plainVideo: [] };
  for (const timed of [false, true]) {
    for (const one of all) one.reset({ seed: golden.seed, options: golden.options });
    painter.load(env.scene);
    for (let k = 0; k < golden.steps; k++) {
      const action = golden.action(k);
      const step = time(() => env.step(action));
      for (const one of [pixels, video]) one.step(action);
      const observation = time(() => pixels.render());
      if (timed) {
        times.steps.push(step);
        times.observation.push(observation);
      }
      if (k % 4 === 0) times.video.push(time(() => video.render()));
      if (timed && k % 40 === 0) {
        times.plainObservation.push(time(() => drawPlain(env, 96, 96)));
        times.plainVideo.push(time(() => drawPlain(env, 600, 400)));
      }
    }
  }
  for (const one of all) one.close();
  return times;
}

/** µs */
function time(work: () => void): number {
  const begin = performance.now();
  work();
  return (performance.now() - begin) * 1000;
}

function drawPlain(env: CarRacing, width: number, height: number): void {
  painter.paint(plain, env.view, width > 96);
  plain.scale(width, height, new Uint8Array(width * height * 3));
}

const font = await loadParts();
const painter = new ScenePainter(polygonsOf(font), (value) => scoreOf(font, value));
const plain = new PlainSurface();
const rows: Row[] = [];
for (const name of values.episodes.split(",")) {
  const { steps, ...pictures } = await replay(name);
  const observation = new Times(pictures.observation);
  const video = new Times(pictures.video);
  const plainObservation = new Times(pictures.plainObservation);
  const plainVideo = new Times(pictures.plainVideo);
  const step = new Times(steps);
  const whole = (steps.length * 1e6) / steps.reduce((sum, time) => sum + time, 0);
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
if (values.json) console.log(JSON.stringify({ rows }));
