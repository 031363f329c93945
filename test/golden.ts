/**
 * Loads the reference episodes in test/golden/episodes: Gymnasium's CarRacing-v3, step by step. The format
 * and the versions that wrote it are explained in test/golden/make_golden.py.
 *
 * TRITRACK_GOLDEN names another folder of episodes in the same format, to hold the tests of all episodes against it. Tests
 * of one certain episode keep to the committed ones.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";

const COMMITTED = join(import.meta.dirname, "golden", "episodes");
const folder = process.env.TRITRACK_GOLDEN ?? COMMITTED;

/** Values of one row of `GoldenEpisode.state`. */
export const STATE_COLUMNS = 58;

export interface GoldenEpisode {
  name: string;
  seed: number | bigint;
  /** The keyword arguments of the episode, in this package's camelCase. */
  kwargs: { continuous?: boolean; domainRandomize?: boolean; lapCompletePercent?: number };
  options: Record<string, unknown> | undefined;
  sequence: string;
  steps: number;
  /** float64 [tiles, 4]: alpha, beta, x, y. */
  track: Float64Array;
  /** Road tiles and kerbs. */
  roadPolyCount: number;
  roadColor: number[];
  bgColor: number[];
  grassColor: number[];
  /** The action of step k (0-based): three float32, or a whole number when discrete. */
  action(k: number): Float32Array | number;
  /** Actions flat: float32 [steps, 3], or int32 [steps] when discrete. */
  actions: Float32Array | Int32Array;
  /** float32 [steps + 1, 58]; row 0 is right after reset. */
  state: Float32Array;
  /** float64 [steps + 1, 4, 2]: omega and phase of the wheels. */
  omegaPhase: Float64Array;
  /** float64 [steps]. */
  reward: Float64Array;
  /** int32 [steps + 1]: tiles visited. */
  tiles: Int32Array;
  /** True if the last step ended the episode. */
  terminated: boolean;
  lapFinished: boolean | null;
  /** Hex digests of the observations, [steps + 1]. */
  frameSha256: string[];
  /** Steps of which whole observations are kept: 27,648 bytes each. */
  frames: Map<number, Uint8Array>;
  /** Steps of which the 600×400 picture is kept: 720,000 bytes each. */
  rgbArray: Map<number, Uint8Array>;
}

/** Names of all episodes, sorted. */
export const goldenNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -5))
  .sort();

/** One of {@link goldenNames}. */
export function loadGolden(name: string): GoldenEpisode {
  return load(folder, name);
}

/** One of the committed episodes. */
export function loadCommitted(name: string): GoldenEpisode {
  return load(COMMITTED, name);
}

function load(from: string, name: string): GoldenEpisode {
  const text = readFileSync(join(from, `${name}.json`), "utf8");
  const raw = JSON.parse(text);
  const discrete = raw.kwargs.continuous === false;
  const actionBytes = bytes(raw.actions);
  const actions = discrete ? new Int32Array(actionBytes) : new Float32Array(actionBytes);
  return {
    name,
    // JSON.parse rounds seeds above 2^53.
    seed: Number.isSafeInteger(raw.seed) ? raw.seed : BigInt(/"seed":(\d+)/.exec(text)![1]),
    kwargs: {
      continuous: raw.kwargs.continuous,
      domainRandomize: raw.kwargs.domain_randomize,
      lapCompletePercent: raw.kwargs.lap_complete_percent,
    },
    options: raw.options ?? undefined,
    sequence: raw.sequence,
    steps: raw.n_steps,
    track: new Float64Array(bytes(raw.track)),
    roadPolyCount: raw.road_poly_count,
    roadColor: raw.road_color,
    bgColor: raw.bg_color,
    grassColor: raw.grass_color,
    action: (k) => (discrete ? actions[k] : (actions as Float32Array).subarray(3 * k, 3 * k + 3)),
    actions,
    state: new Float32Array(bytes(raw.state)),
    omegaPhase: new Float64Array(bytes(raw.omega_phase)),
    reward: new Float64Array(bytes(raw.reward)),
    tiles: new Int32Array(bytes(raw.tiles)),
    terminated: raw.terminated,
    lapFinished: raw.lap_finished,
    frameSha256: raw.frame_sha256,
    frames: pictures(raw.frames),
    rgbArray: pictures(raw.rgb_array),
  };
}

/** A fresh buffer: views of any element type fit on it, where a Buffer of Node's pool may be misaligned. */
function bytes(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, "base64")).buffer as ArrayBuffer;
}

function pictures(raw: Record<string, string>): Map<number, Uint8Array> {
  return new Map(
    Object.entries(raw).map(([step, data]) => [Number(step), inflateSync(new Uint8Array(bytes(data)))]),
  );
}
