/** CarRacing's options: their meanings, their defaults, and the checks of `create` and `reset`. */
import { describe } from "../describe.ts";
import { InvalidOption } from "../errors.ts";
import { isRecord } from "../is-record.ts";

/** The engines that may move the car. */
export type PhysicsName = "exact" | "box2d-wasm";

/** Options of {@link CarRacing.create} and of `make("CarRacing-v3", …)`. */
export interface CarRacingOptions {
  /** Three numbers an action (true), or one of five whole numbers. Default: true. */
  continuous?: boolean;
  /** New colours of road and grass at every reset, unless its options say `{ randomize: false }`. Default: false. */
  domainRandomize?: boolean;
  /** Share of the tiles that must be visited for the start line to end the lap, 0 to 1. Default: 0.95. */
  lapCompletePercent?: number;
  /** The picture that `render` gives: "rgb_array" 600×400, "state_pixels" 96×96, or null for none. Default: null. */
  renderMode?: "rgb_array" | "state_pixels" | null;
  /** "exact" equals Gymnasium in every bit; "box2d-wasm" is another Box2D, close to it. Default: "exact". */
  physics?: PhysicsName;
  /**
   * True if `reset` and `step` draw the observation. If false, the observation is one black picture that never changes,
   * and an episode runs at the speed of its physics; this is for drivers that read the state. Default: true.
   */
  observations?: boolean;
  /**
   * True if every step draws into the same array and returns the same record, so that steps allocate nothing. Both are
   * then valid only until the next step or reset, and an empty `info` is one frozen object. This suits loops that have
   * used or copied them by then. Default: false: callers may keep the results of a step.
   */
  reuseObservations?: boolean;
  /**
   * Steps that one action is repeated for, 1 to 1000; only the last is drawn, rewards add up. A time limit then counts
   * actions. Default: 1.
   */
  frameSkip?: number;
  /**
   * True if driving onto the start line after `lapCompletePercent` of the tiles always ends the lap. False is Gymnasium's
   * rule: the lap ends only if the tile at the line was never visited before, so that a car that once cut a corner may
   * drive on for ever. Default: false.
   */
  completionFix?: boolean;
  /** True if the car starts at a tile drawn from the generator, instead of tile 0. Default: false. */
  randomStart?: boolean;
  /** Direction in which the car starts; "random" draws it from the generator. Default: "forward". */
  direction?: "forward" | "backward" | "random";
  /** True if every reset prints Gymnasium's message on how the track was generated to the standard output. Default: false. */
  verbose?: boolean;
  /** True if `info` holds {@link InfoExtras} after every reset and step. Default: false. */
  infoExtras?: boolean;
}

/** Entries that `infoExtras` adds to `info`. */
export interface InfoExtras {
  /** True for each wheel that touches no tile, in the order of `bodyState`. */
  wheelsOnGrass: boolean[];
  /** Speed of the car, world units a second. */
  speed: number;
  /** Share of the track's points, 0 to 1, that lie between the start and the car, in the car's direction. */
  progress: number;
  /** Tiles that a wheel has been on. */
  tilesVisited: number;
  /** True if this step has finished the lap. */
  lapFinished: boolean;
}

const DEFAULTS = {
  continuous: true,
  domainRandomize: false,
  lapCompletePercent: 0.95,
  renderMode: null,
  physics: "exact",
  observations: true,
  reuseObservations: false,
  frameSkip: 1,
  completionFix: false,
  randomStart: false,
  direction: "forward",
  verbose: false,
  infoExtras: false,
} as const satisfies Required<CarRacingOptions>;

/** Twenty seconds: a file or client from elsewhere cannot ask for a step without end. */
const MAX_FRAME_SKIP = 1000;

/** Values of `renderMode` that draw. */
export const RENDER_MODES = ["rgb_array", "state_pixels"] as const;
const PHYSICS = ["exact", "box2d-wasm"] as const;
/** Values of `direction`, in the order of the core's numbers. */
export const DIRECTIONS = ["forward", "backward", "random"] as const;

/**
 * Options with their defaults.
 * @throws {@link InvalidOption} on an option that is not listed in {@link CarRacingOptions}, or out of its range
 */
export function checkOptions(options: CarRacingOptions): Required<CarRacingOptions> {
  if (!isRecord(options)) {
    throw new InvalidOption(`CarRacing-v3: expected options to be an object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, key)) {
      const known = Object.keys(DEFAULTS).join(", ");
      throw new InvalidOption(`CarRacing-v3 takes no option "${key}"; it takes ${known}`);
    }
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const checked: Required<CarRacingOptions> = { ...DEFAULTS, ...given };
  const expect = (key: keyof CarRacingOptions, valid: boolean, what: string) => {
    if (!valid) throw new InvalidOption(`${key}: expected ${what}, got ${describe(checked[key])}`);
  };
  const isOneOf = (values: readonly unknown[], value: unknown) => values.includes(value);
  for (const [key, value] of Object.entries(DEFAULTS)) {
    const name = key as keyof CarRacingOptions;
    if (typeof value === "boolean") expect(name, typeof checked[name] === "boolean", "true or false");
  }
  const percent = checked.lapCompletePercent;
  expect(
    "lapCompletePercent",
    typeof percent === "number" && percent >= 0 && percent <= 1,
    "a number from 0 to 1",
  );
  expect("physics", isOneOf(PHYSICS, checked.physics), PHYSICS.map((name) => `"${name}"`).join(" or "));
  expect(
    "frameSkip",
    Number.isSafeInteger(checked.frameSkip) && checked.frameSkip > 0 && checked.frameSkip <= MAX_FRAME_SKIP,
    `a whole number from 1 to ${MAX_FRAME_SKIP}`,
  );
  expect(
    "direction",
    isOneOf(DIRECTIONS, checked.direction),
    DIRECTIONS.map((name) => `"${name}"`).join(", "),
  );
  const modes = `${RENDER_MODES.map((name) => `"${name}"`).join(", ")} or null`;
  expect("renderMode", isOneOf([...RENDER_MODES, null], checked.renderMode), modes);
  return checked;
}

/**
 * Checks the options of a reset.
 * @returns true if the reset draws new colours
 * @throws {@link InvalidOption} on options that `reset` does not take
 */
export function checkResetOptions(options: Record<string, unknown> = {}): boolean {
  if (typeof options !== "object" || options === null) {
    throw new InvalidOption(`reset: expected options to be an object, got ${describe(options)}`);
  }
  for (const key of Object.keys(options)) {
    if (key !== "randomize") throw new InvalidOption(`reset takes no option "${key}"; it takes randomize`);
  }
  const { randomize = true } = options;
  if (typeof randomize !== "boolean") {
    throw new InvalidOption(`randomize: expected true or false, got ${describe(randomize)}`);
  }
  return randomize;
}
