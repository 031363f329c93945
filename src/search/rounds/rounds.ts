/**
 * Rule "rounds" (DAgger-SSS), for networks that drive. In each round the network drives, the teacher says what it would have
 * done, and swaps are searched that lower the imitation loss on these frames and on demonstrations; then it drives again.
 * No gradient anywhere: it begins from a trained network or from a random one. Single swaps hardly move the driving reward,
 * so swaps follow the imitation loss, and driving judges what a round of them has come to.
 *
 * Checkpoints hold no frames: they hold the networks that drove, which drive again when the search is resumed.
 */
import { InvalidOption } from "../../../env/errors.ts";
import { cloneNetwork, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../../policies/ternary/safetensors.ts";
import { fingerprint, type Identity } from "../../data/checkpoint.ts";
import { type CarExamples, joinExamples, NO_FRAMES } from "../../data/examples.ts";
import { measureNetwork } from "../engine/delta-engine.ts";
import type { FitnessEngine } from "../engine/fitness-engine.ts";
import { wholeNumber } from "../options.ts";
import type { Rule, RuleRun, Scores, SearchContext, SearchTotals, StepReport } from "../rule.ts";
import { type EpisodeSource, localEpisodes } from "./episodes.ts";
import { FramePool, thinned } from "./frames.ts";
import type { RoundStep, RoundsRuleOptions, RoundsStep, SweepStep } from "./options.ts";
import { type CyclePlan, cyclesOf, FRAMES_KEPT, TRACKS } from "./plan.ts";
import { bestOf, FIRST_LOOK, Laps, race } from "./race.ts";
import { sweep } from "./sweep.ts";

/**
 * Rule "rounds".
 * @throws {@link InvalidOption} on `rounds` or `warmUp` that are no whole numbers from 0 up
 */
export function roundsRule(options: RoundsRuleOptions): Rule<RoundsStep> {
  const settings: Settings = {
    rounds: wholeNumber("rounds", options.rounds ?? 4, 0),
    warmUp: wholeNumber("warmUp", options.warmUp ?? 0, 0),
    tracks: options.tracks ?? TRACKS,
    demonstrations: options.demonstrations,
    plan: options.plan ?? cyclesOf,
    episodes: options.episodes ?? localEpisodes(),
  };
  return {
    name: "rounds",
    identity: (context) => identityOf(settings, cyclesByRound(settings, context)),
    async start(context, state?: RoundsState) {
      const { task } = context.network.architecture;
      if (task !== "car")
        throw new InvalidOption('network: expected a car network for rule "rounds", got an MNIST network');
      const run = new RoundsRun(context, settings, state);
      await run.gather();
      return run;
    },
  };
}

/** The options with their defaults. */
type Settings = Required<Omit<RoundsRuleOptions, "demonstrations">> & {
  rounds: number;
  warmUp: number;
  tracks: typeof TRACKS;
  demonstrations: readonly CarExamples[] | undefined;
  plan: typeof cyclesOf;
  episodes: EpisodeSource;
};

/** State of the rule in a checkpoint; networks are the bytes of their files. */
interface RoundsState {
  round: number;
  cycle: number;
  /** The next sweep of the cycle. */
  sweep: number;
  /** State of the random numbers when the cycle's batch was drawn: the batch is drawn again from there. */
  batchRandom: Uint32Array;
  /** The network that drove in each round so far. */
  drivers: Uint8Array[];
  /** The network after each cycle of this round: the candidates of its race. */
  cycles: Uint8Array[];
  /** The network that stands. */
  best: Uint8Array;
  /** The networks that the rounds found, for "imitation" only. */
  found: Uint8Array[];
}

function cyclesByRound({ rounds, warmUp, plan }: Settings, { layers }: SearchContext): CyclePlan[][] {
  return Array.from({ length: rounds + 1 }, (_, round) => plan(round, warmUp, layers));
}

function identityOf(settings: Settings, byRound: CyclePlan[][]): Identity {
  const { rounds, warmUp, tracks, demonstrations } = settings;
  const { round, heats, finals, ...fixed } = tracks;
  const changing = byRound.map((_, r) => [round(r), heats(r), finals(r)]);
  return {
    options: { rounds, warmUp },
    content: {
      "other tracks": fingerprint(fixed, changing),
      "another plan": fingerprint(byRound),
      // The actions tell demonstrations apart, and are small beside the frames.
      "other demonstrations": fingerprint(...(demonstrations?.map(({ targets }) => targets) ?? [])),
    },
  };
}

class RoundsRun implements RuleRun<RoundsStep> {
  readonly #context: SearchContext;
  readonly #settings: Settings;
  readonly #rounds: CyclePlan[][];
  readonly state: RoundsState;
  /** Frames of demonstrations and of all rounds so far. */
  readonly #pool = new FramePool();
  /** Frames of the pool before the latest round. */
  #older = 0;
  #demonstrations!: CarExamples;
  #accuracyFrames!: CarExamples;
  #accuracyTest!: CarExamples;
  /** The network that stands, with its rewards so far. */
  #best: Laps;
  /** The networks that the rounds found, for "imitation" only. */
  readonly #found: Laps[];
  /** Measures the network at work on the batch of the cycle at hand. */
  #engine: FitnessEngine | undefined;

  constructor(context: SearchContext, settings: Settings, state?: RoundsState) {
    this.#context = context;
    this.#settings = settings;
    this.#rounds = cyclesByRound(settings, context);
    this.state = state ?? {
      ...{ round: 0, cycle: 0, sweep: 0, batchRandom: new Uint32Array() },
      ...{ drivers: [], cycles: [], best: writeNetwork(context.network), found: [] },
    };
    this.#best = this.#laps(saved(this.state.best));
    this.#found = this.state.found.map((file) => this.#laps(saved(file)));
  }

  #laps(network: TernaryNetwork): Laps {
    return new Laps(network, this.#settings.episodes);
  }

  /** Gathers frames of demonstrations and, after an interruption, those of the rounds before it. */
  async gather(): Promise<void> {
    const { episodes, tracks, demonstrations } = this.#settings;
    const { accuracy, accuracyTest } = tracks;
    const shown = demonstrations ?? (await episodes.frames(null, tracks.demonstrations));
    this.#pool.add(shown);
    this.#demonstrations = joinExamples([NO_FRAMES, ...shown.slice(0, accuracy.length)]);
    this.#accuracyFrames = joinExamples(await episodes.frames(null, accuracy));
    this.#accuracyTest = joinExamples(await episodes.frames(null, accuracyTest));
    for (const [index, driver] of this.state.drivers.entries())
      await this.#addFrames(saved(driver), index + 1);
  }

  async #addFrames(driver: TernaryNetwork, round: number): Promise<void> {
    const { episodes, tracks } = this.#settings;
    const driven = await episodes.frames(driver, tracks.round(round));
    this.#older = this.#pool.size;
    this.#pool.add(thinned(driven, FRAMES_KEPT));
  }

  async step({ before, steps }: SearchTotals): Promise<StepReport<RoundsStep> | null> {
    const { state } = this;
    if (steps === 0)
      return this.#report({ kind: "start", accuracy: before.validation!, reward: before.reward! });
    for (; state.round < this.#rounds.length; state.round++) {
      const { round } = state;
      const cycles = this.#rounds[round];
      // A round that was begun before an interruption has its driver already.
      if (round > state.drivers.length) {
        state.drivers.push(writeNetwork(this.#context.network));
        await this.#addFrames(this.#context.network, round);
        return this.#report({ kind: "frames", round, frames: this.#pool.size - this.#older });
      }
      if (state.cycle < cycles.length) return this.#sweep(round, cycles[state.cycle]);
      if (cycles.length > 0) return this.#endRound(round);
    }
    return null;
  }

  /** One sweep of a cycle. */
  async #sweep(round: number, plan: CyclePlan): Promise<StepReport<SweepStep>> {
    const { state } = this;
    const { random, network, family } = this.#context;
    const { cycle } = state;
    this.#engine ??= await this.#layOut(plan);
    const engine = this.#engine;
    const sweepPlan = plan.sweeps[state.sweep];
    const counts = await sweep(engine, random, { ...sweepPlan, family });
    const measured = { loss: -engine.measure("loss"), accuracy: engine.measure("accuracy") };
    if (++state.sweep === plan.sweeps.length) {
      this.close();
      state.cycles.push(writeNetwork(network));
      state.cycle++;
      state.sweep = 0;
    }
    return this.#report({
      ...{ kind: "sweep", round, cycle, layer: sweepPlan.layer },
      ...counts,
      ...measured,
    });
  }

  /** Draws the batch of a cycle, or draws it again where the cycle was interrupted. */
  async #layOut({ frames, outputWeights, sweeps }: CyclePlan): Promise<FitnessEngine> {
    const { state } = this;
    const { random, network, engines } = this.#context;
    const now = random.state();
    if (state.sweep === 0) state.batchRandom = now;
    else random.restore(state.batchRandom);
    const data = this.#pool.draw(random, frames, this.#older, outputWeights);
    if (state.sweep > 0) random.restore(now);
    return engines(
      network,
      data,
      sweeps.map(({ layer }) => layer),
    );
  }

  /** Decides whether what the round found stands. */
  async #endRound(round: number): Promise<StepReport<RoundStep>> {
    const { state } = this;
    const step = await (this.#context.fitness === "imitation" ? this.#keepFound(round) : this.#race(round));
    state.round++;
    state.cycle = 0;
    state.cycles = [];
    return this.#report(step);
  }

  async #keepFound(round: number): Promise<RoundStep> {
    const { network } = this.#context;
    this.state.found.push(writeNetwork(network));
    const laps = this.#laps(cloneNetwork(network));
    this.#found.push(laps);
    const reward = mean(await laps.rewards(this.#settings.tracks.validation.slice(0, FIRST_LOOK)));
    return { kind: "round", round, reward, accuracy: await this.#accuracy(laps.network) };
  }

  async #race(round: number): Promise<RoundStep> {
    const { state } = this;
    const { tracks } = this.#settings;
    const least = this.#context.fitness === "both" ? await this.#accuracy(this.#best.network) : 0;
    const candidates: Laps[] = [];
    for (const file of state.cycles) {
      const candidate = saved(file);
      if ((await this.#accuracy(candidate)) >= least) candidates.push(this.#laps(candidate));
    }
    const raced = await race(this.#best, candidates, tracks.heats(round), tracks.finals(round));
    const { winner, ...result } = raced;
    if (winner) {
      this.#best = winner;
      state.best = writeNetwork(winner.network);
    }
    const accuracy = await this.#accuracy(this.#best.network);
    const outcome = { candidates: candidates.length, ...result, won: winner !== null };
    return { kind: "round", round, accuracy, race: outcome };
  }

  #accuracy(network: TernaryNetwork): Promise<number> {
    return measureNetwork(network, this.#accuracyFrames, "accuracy");
  }

  async finish(): Promise<TernaryNetwork> {
    if (this.#found.length > 0)
      this.#best = await bestOf([this.#best, ...this.#found], this.#settings.tracks.validation);
    return this.#best.network;
  }

  async scores(network: TernaryNetwork): Promise<Scores> {
    // Before the first step the network at work is the one that stands; its rewards are needed again.
    const stands = network === this.#best.network || network === this.#context.network;
    const laps = stands ? this.#best : this.#laps(network);
    return {
      train: await measureNetwork(network, this.#demonstrations, "accuracy"),
      validation: await this.#accuracy(network),
      test: await measureNetwork(network, this.#accuracyTest, "accuracy"),
      reward: mean(await laps.rewards(this.#settings.tracks.validation)),
    };
  }

  #report<Step extends RoundsStep>(log: Step): StepReport<Step> {
    const { round, cycle, sweep } = this.state;
    const sweeps = this.#rounds.map((cycles) => cycles.map((plan) => plan.sweeps.length));
    const all = sum(sweeps.flat());
    const behind = sum([...sweeps.slice(0, round).flat(), ...(sweeps[round]?.slice(0, cycle) ?? []), sweep]);
    const done = log.kind === "start" || all === 0 ? 0 : Math.min(1, behind / all);
    const { neighbours, accepted } = log.kind === "sweep" ? log : { neighbours: 0, accepted: 0 };
    return { log, neighbours, accepted, done };
  }

  close(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }
}

/** A network of a checkpoint. */
function saved(bytes: Uint8Array): TernaryNetwork {
  return readNetwork(bytes, "network in a checkpoint");
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
