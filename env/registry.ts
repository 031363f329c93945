/**
 * The registry of environments (`gymnasium.envs.registration`): `make` builds one by its id, with the wrappers that
 * Gymnasium's `make` puts around it, and `register` adds one.
 */
import type { Env, EnvSpec, Info } from "./api.ts";
import type { CarAction, CarRacing, CarRacingOptions, InfoExtras } from "./car-racing/car-racing.ts";
import { EPISODE_STEPS } from "./car-racing/core/constants.ts";
import { describe } from "./describe.ts";
import { InvalidOption, UnregisteredEnv } from "./errors.ts";
import { OrderEnforcing } from "./wrappers/order-enforcing.ts";
import { TimeLimit } from "./wrappers/time-limit.ts";
import { Wrapper } from "./wrappers/wrapper.ts";

/** An environment in the registry. */
export interface Registration {
  /** `Name-vVersion`, or `namespace/Name-vVersion`. */
  id: string;
  /**
   * Makes the environment. It checks its own options and throws `InvalidOption` on those that it does not take.
   * @param kwargs the registration's kwargs, overridden by those given to `make`
   */
  entryPoint: (kwargs: Record<string, unknown>) => Promise<Env> | Env;
  /** Steps after which episodes are truncated; null for no limit. Default: null. */
  maxEpisodeSteps?: number | null;
  /** Reward at which the task counts as solved; null for none. Default: null. */
  rewardThreshold?: number | null;
  /** Options that the entry point gets unless `make` is given others. Default: none. */
  kwargs?: Record<string, unknown>;
  /** True if `step` and `render` throw `ResetNeeded` before the first `reset`. Default: true. */
  orderEnforce?: boolean;
}

/** Options of `make` itself, beside those of the environment. */
export interface MakeOptions {
  /** Steps after which episodes are truncated; null or -1 for no limit. Default: the registered limit. */
  maxEpisodeSteps?: number | null;
}

/**
 * CarRacing as `make` wraps it.
 * @typeParam Details type of the infos: {@link InfoExtras} where the option `infoExtras` is true
 */
export interface CarRacingEnv<Details extends Info = Info> extends Env<Uint8Array, CarAction, Details> {
  /** The environment under all wrappers, with the state of the episode. */
  readonly unwrapped: CarRacing;
}

const registry = new Map<string, Registration>();
const ID = /^(?:[\w:.-]+\/)?[\w:.-]+?-v\d+$/;

/**
 * Adds an environment. One of the same id is replaced with a warning, as in Gymnasium.
 * @throws {@link InvalidOption} on an id that is not of the form `Name-v1`, or an entry point that is no function
 */
export function register(registration: Registration): void {
  const { id, entryPoint } = registration;
  if (!ID.test(id)) {
    throw new InvalidOption(
      `register: expected an id like "Name-v1" or "space/Name-v1", got ${describe(id)}`,
    );
  }
  if (typeof entryPoint !== "function") {
    throw new InvalidOption(
      `register: expected a function as the entryPoint of "${id}", got ${describe(entryPoint)}`,
    );
  }
  if (registry.has(id)) console.warn(`register: "${id}" was registered already; it is replaced`);
  registry.set(id, registration);
}

/** Ids of all registered environments, sorted. */
export function registeredIds(): string[] {
  return [...registry.keys()].sort();
}

/** The spec that is registered under an id. @throws {@link UnregisteredEnv} naming the known ids */
export function spec(id: string): EnvSpec {
  return specOf(find(id));
}

/**
 * Makes an environment, wrapped in OrderEnforcing and TimeLimit where its registration says so.
 *
 * @param id id of a registered environment; or the spec of one that was made, for another with the same limit and options
 * @typeParam Observation type of the observations, for your own environments: `make<Float32Array, number>("Own-v1")`
 * @typeParam Action type of its actions
 * @example const env = await make("CarRacing-v3", { renderMode: "rgb_array" });
 * @throws {@link UnregisteredEnv} naming the known ids; {@link InvalidOption} naming the known options
 */
export function make(
  id: "CarRacing-v3",
  options: CarRacingOptions & MakeOptions & { infoExtras: true },
): Promise<CarRacingEnv<Info & InfoExtras>>;
export function make(id: "CarRacing-v3", options?: CarRacingOptions & MakeOptions): Promise<CarRacingEnv>;
export function make<Observation = unknown, Action = unknown>(
  id: string | EnvSpec,
  options?: Record<string, unknown> & MakeOptions,
): Promise<Env<Observation, Action>>;
export async function make(id: string | EnvSpec, options: MakeOptions = {}): Promise<Env> {
  if (typeof options !== "object" || options === null) {
    throw new InvalidOption(`make: expected an object of options, got ${describe(options)}`);
  }
  if (typeof id === "object" && id !== null) {
    return make(id.id, { maxEpisodeSteps: id.maxEpisodeSteps, ...id.kwargs, ...options });
  }
  const { maxEpisodeSteps, ...kwargs } = options;
  const registration = find(id);
  const made: Record<string, unknown> = { ...registration.kwargs, ...kwargs };
  const limit = maxEpisodeSteps === undefined ? registration.maxEpisodeSteps : maxEpisodeSteps;
  let env: Env = new Specified(await registration.entryPoint(made), {
    ...specOf(registration),
    kwargs: made,
    maxEpisodeSteps: null,
  });
  if (registration.orderEnforce ?? true) env = new OrderEnforcing(env);
  if (limit !== undefined && limit !== null && limit !== -1) env = new TimeLimit(env, limit);
  asMade.add(env);
  return env;
}

const asMade = new WeakSet<Env>();

/** Whether `make` returned this very environment: making its spec again then gives one that does the same. */
export function isAsMade(env: Env): boolean {
  return asMade.has(env);
}

/** The innermost wrapper: gives an environment the spec that it was made from. */
class Specified extends Wrapper<unknown, unknown> {
  readonly #spec: EnvSpec;

  constructor(env: Env, spec: EnvSpec) {
    super(env);
    this.#spec = spec;
  }

  override get spec(): EnvSpec {
    return this.#spec;
  }
}

function find(id: string): Registration {
  const registration = registry.get(id);
  if (!registration) {
    throw new UnregisteredEnv(
      `no environment ${describe(id)} is registered; known: ${registeredIds().join(", ")}`,
    );
  }
  return registration;
}

function specOf({ id, kwargs = {}, maxEpisodeSteps = null, rewardThreshold = null }: Registration): EnvSpec {
  return { id, kwargs: { ...kwargs }, maxEpisodeSteps, rewardThreshold };
}

// The registration of gymnasium/envs/__init__.py.
register({
  id: "CarRacing-v3",
  entryPoint: async (kwargs) => (await import("./car-racing/car-racing.ts")).CarRacing.create(kwargs),
  maxEpisodeSteps: EPISODE_STEPS,
  rewardThreshold: 900,
});
