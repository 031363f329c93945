/**
 * The frames of a search: those of demonstrations and of every round, and batches drawn from them. Rare frames count
 * more, since failures begin there: hard steering, and the slow way through a hairpin or off a standstill.
 */

import type { Random } from "../../../env/random.ts";
import { CROP_BYTES, CROP_SIZE } from "../../../policies/ternary/crop.ts";
import { type CarExamples, frameCount, pickExamples } from "../../data/examples.ts";

/** Steering beyond this is hard; the front wheels stop at 0.4. */
const HARD_STEERING = 0.35;
/** Weight of a frame with hard steering. */
const HARD_WEIGHT = 3;
/** Below this speed a car is slow. Units a second. */
const SLOW = 25;
/** Weight of a frame of a slow car; it multiplies that of hard steering. */
const SLOW_WEIGHT = 2;
/** Below this speed a car crawls or stands. Units a second. */
const CRAWL = 12;
/**
 * Weight of a frame of a car that crawls. There are few such frames, but a network that brakes on them stands for ever:
 * neither frame nor action changes again, and the lap is lost.
 */
const CRAWL_WEIGHT = 10;

/** All frames of a search, in the order in which they were added. */
export class FramePool {
  readonly #sets: CarExamples[] = [];
  /** The set of each frame and its number in the set. */
  readonly #places: [set: number, frame: number][] = [];

  /** Number of frames. */
  get size(): number {
    return this.#places.length;
  }

  /** Adds frames; they are not copied. */
  add(sets: readonly CarExamples[]): void {
    for (const set of sets) {
      const index = this.#sets.push(set) - 1;
      for (let frame = 0; frame < frameCount(set); frame++) this.#places.push([index, frame]);
    }
  }

  /**
   * Draws a batch in random order, no frame twice: half of it from the frames of the latest round, or all of these if they
   * are fewer, and the rest from those before.
   * @param size frames of the batch; fewer if there are fewer
   * @param fresh number of frames that were there before the latest round
   * @param outputWeights passed on with the batch
   */
  draw(
    random: Random,
    size: number,
    fresh: number,
    outputWeights: CarExamples["outputWeights"],
  ): CarExamples {
    const before = this.#places.slice(0, fresh);
    const latest = this.#places.slice(fresh);
    const wanted = Math.min(latest.length, Math.max(Math.ceil(size / 2), size - before.length));
    const places = [...drawn(random, latest, wanted), ...drawn(random, before, size - wanted)];
    const inputs = new Uint8Array(places.length * CROP_BYTES);
    const targets = new Float32Array(places.length * 3);
    const weights = new Uint8Array(places.length);
    drawn(random, places, places.length).forEach(([index, frame], i) => {
      const set = this.#sets[index];
      inputs.set(set.inputs.subarray(frame * CROP_BYTES, (frame + 1) * CROP_BYTES), i * CROP_BYTES);
      targets.set(set.targets.subarray(frame * 3, (frame + 1) * 3), i * 3);
      weights[i] = frameWeight(set, frame);
    });
    return { task: "car", inputs, targets, weights, outputWeights };
  }
}

/** The weight of a frame in the imitation loss. */
export function frameWeight({ inputs, targets }: CarExamples, frame: number): number {
  const hard = Math.abs(targets[frame * 3]) > HARD_STEERING ? HARD_WEIGHT : 1;
  const speed = shownSpeed(inputs.subarray(frame * CROP_BYTES, (frame + 1) * CROP_BYTES));
  return hard * (speed < CRAWL ? CRAWL_WEIGHT : speed < SLOW ? SLOW_WEIGHT : 1);
}

/** First row of a cropped frame below the road view. */
const PANEL_FROM = 71;
/** Column that lies wholly within the white bar of the speed. */
const SPEED_COLUMN = 7;
/** The bar grows by 0.02 * 96 / 40 pixels a unit of speed; full brightness is 255. */
const SPEED_OF_BRIGHTNESS = 1 / (255 * 0.02 * (96 / 40));

/** The speed that a cropped frame shows, units a second. */
export function shownSpeed(frame: Uint8Array): number {
  let brightness = 0;
  for (let row = PANEL_FROM; row < CROP_SIZE; row++)
    brightness += frame[(row * CROP_SIZE + SPEED_COLUMN) * 3];
  return brightness * SPEED_OF_BRIGHTNESS;
}

/** Every k-th frame of each set, with the least k that leaves about `most` frames in all. */
export function thinned(sets: readonly CarExamples[], most: number): CarExamples[] {
  const frames = sets.reduce((total, set) => total + frameCount(set), 0);
  const step = Math.max(1, Math.ceil(frames / most));
  if (step === 1) return [...sets];
  return sets.map((set) => {
    const kept = Math.ceil(frameCount(set) / step);
    return pickExamples(
      set,
      Array.from({ length: kept }, (_, i) => i * step),
    );
  });
}

/** Draws `count` of the values, or all of them, in random order. Reorders `values`. */
function drawn<Value>(random: Random, values: Value[], count: number): Value[] {
  const n = Math.min(count, values.length);
  for (let i = 0; i < n; i++) {
    const j = random.integers(i, values.length);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values.slice(0, n);
}
