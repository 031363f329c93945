/** Draws roads without an episode, for choosing tracks by their shape. */
import type { Random } from "../random.ts";
import { Core } from "./core.ts";

/** A road: its points and the shapes that are drawn of it. */
export interface Track {
  /** float64 [n, 4]: angle alpha around the middle, heading beta, x, y of each point; `env.track` of Gymnasium. */
  points: Float64Array;
  /** float64 [m, 8]: tiles and kerbs in drawing order, corners x, y; `env.road_poly` of Gymnasium. */
  quads: Float64Array;
  /** uint8 [m, 3]: their colours: three shades of grey in turn, kerbs white and red. */
  quadColors: Uint8Array;
  /** int32 [n]: quad of each tile. */
  tileQuads: Int32Array;
  /** Attempts that failed before this one. */
  retries: number;
}

let core: Core | null = null;

/** Draws roads until one closes well, as Gymnasium's `reset` does, and advances the generator by the same draws. */
export function createTrack(random: Random): Track {
  if (!core) {
    core = Core.loadNow();
    core.create({
      lapCompletePercent: 1,
      domainRandomize: false,
      frameSkip: 1,
      completionFix: false,
      randomStart: false,
      direction: 0,
      hostPhysics: true,
    });
  }
  core.random = random.state();
  core.exports.beginReset(0);
  random.restore(core.random);
  return {
    points: core.track,
    quads: core.quads,
    quadColors: core.quadColors,
    tileQuads: core.tileQuads,
    retries: core.retries,
  };
}
