/**
 * "DAgger-SSS": search for networks that drive. In each round the network drives, the teacher says what it would have
 * done, and swaps are searched that lower the imitation loss on these frames and on demonstrations; then it drives again.
 * No gradient anywhere: it begins from a trained network or from a random one. Single swaps hardly move the driving
 * reward, so swaps follow the imitation loss and driving judges what a round of them has come to.
 *
 * Deterministic: the same network, demonstrations, options and seed give the same result, whoever does the work and
 * wherever it was interrupted.
 */

import { InvalidOption } from "../../../env/errors.ts";
import { Random } from "../../../env/random.ts";
import { cloneNetwork, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import type { Family } from "../../../policies/ternary/swap.ts";
import { type CarExamples, joinExamples, NO_FRAMES } from "../../data/examples.ts";

import { checkSame, type Identity, readCheckpoint, writeCheckpoint } from "../checkpoint.ts";
import { checkLayers, checkName, FAMILIES } from "../checks.ts";
import { DeltaEngine, measureNetwork } from "../engine/delta-engine.ts";

import type { EngineMaker } from "../engine/fitness-engine.ts";
import { fingerprint, networkFingerprint } from "../fingerprint.ts";
import { type Drives, localDrives } from "./drives.ts";
import { FramePool, thinned } from "./frames.ts";
import type {
  DriveEvent,
  DriveFitness,
  DriveScores,
  DriveSearchOptions,
  DriveSearchResult,
} from "./options.ts";
import { type CyclePlan, cyclesOf, FRAMES_KEPT, TRACKS } from "./plan.ts";
import { bestOf, FIRST_LOOK, Laps, race } from "./race.ts";
import { decode, encode, type State } from "./state.ts";
import { sweep } from "./sweep.ts";

/** Searches from `network`, which is left as it is. Throws `InvalidOption` on options that do not fit together. */
export async function driveSearch(
  network: TernaryNetwork,
  options: DriveSearchOptions = {},
): Promise<DriveSearchResult> {
  const run = await DriveSearch.create(network, options);
  return run.run();
}

const FITNESSES: readonly DriveFitness[] = ["imitation", "reward", "both"];

class DriveSearch {
  readonly #options: DriveSearchOptions;
  readonly #fitness: DriveFitness;
  readonly #family: Family;
  readonly #tracks: typeof TRACKS;
  readonly #drives: Drives;
  readonly #engines: EngineMaker;
  readonly #random: Random;
  readonly #rounds: CyclePlan[][];
  readonly #log: DriveEvent[] = [];
  /** The network at work. */
  #network: TernaryNetwork;
  #state: State;
  readonly #pool = new FramePool();
  /** Frames of the pool before the latest round. */
  #older = 0;
  #demonstrations!: CarExamples;
  #accuracyFrames!: CarExamples;
  #accuracyTest!: CarExamples;
  /** The network that stands, and with "imitation" what every round found. */
  #best!: Laps;
  readonly #found: Laps[] = [];

  static async create(network: TernaryNetwork, options: DriveSearchOptions): Promise<DriveSearch> {
    if (network.architecture.task !== "car")
      throw new InvalidOption(`a ${network.architecture.task} network cannot drive: a car network is needed`);
    const search = new DriveSearch(network, options);
    await search.#gather();
    return search;
  }

  private constructor(network: TernaryNetwork, options: DriveSearchOptions) {
    const { fitness = "both", rounds = 4, warmUp = 0, family = "same", seed = 0 } = options;
    const layers = options.layers ?? network.architecture.layers.map((layer) => layer.name);
    checkLayers(network, layers);
    checkName("fitness", fitness, FITNESSES);
    checkName("family", family, FAMILIES);
    if (!(Number.isInteger(rounds) && rounds >= 0 && Number.isInteger(warmUp) && warmUp >= 0))
      throw new InvalidOption(
        `rounds and warmUp are ${rounds} and ${warmUp}, expected whole numbers from 0 up`,
      );
    const plan = options.plan ?? cyclesOf;
    this.#options = options;
    this.#fitness = fitness;
    this.#family = family;
    this.#tracks = options.tracks ?? TRACKS;
    this.#drives = options.drives ?? localDrives();
    this.#engines = options.engines ?? ((...args) => DeltaEngine.create(...args));
    this.#rounds = Array.from({ length: rounds + 1 }, (_, round) => plan(round, warmUp, layers));
    this.#random = new Random(seed);
    const identity = this.#identity(network, { fitness, rounds, warmUp, layers, family, seed });
    const saved = options.resume && readCheckpoint<State>(options.resume);
    if (saved) checkSame(saved.state.identity, identity);
    this.#network = saved ? saved.network : cloneNetwork(network);
    this.#state = saved?.state ?? {
      ...{
        identity,
        round: 0,
        cycle: 0,
        sweep: 0,
        random: [],
        batchRandom: [],
        drivers: [],
        cycles: [],
      },
      ...{ best: encode(network), found: [], before: noScores, neighbours: 0, accepted: 0, events: 0 },
    };
    if (saved) this.#random.restore(Uint32Array.from(saved.state.random));
  }

  #identity(network: TernaryNetwork, options: Identity["options"]): Identity {
    const { round, heats, finals, ...fixed } = this.#tracks;
    const byRound = this.#rounds.map((_, r) => [round(r), heats(r), finals(r)]);
    // The actions tell drives apart, and are small beside the frames.
    const actions = this.#options.demonstrations?.map(({ targets }) => targets) ?? [];
    return {
      options,
      content: {
        "another network to begin from": networkFingerprint(network),
        "other tracks": fingerprint(fixed, byRound),
        "another plan": fingerprint(this.#rounds),
        "other demonstrations": fingerprint(...actions),
      },
    };
  }

  /** Frames of demonstrations and, after an interruption, of the rounds before it. */
  async #gather(): Promise<void> {
    const { demonstrations, accuracy, accuracyTest } = this.#tracks;
    const shown = this.#options.demonstrations ?? (await this.#drives.frames(null, demonstrations));
    this.#pool.add(shown);
    this.#demonstrations = joinExamples([NO_FRAMES, ...shown.slice(0, accuracy.length)]);
    this.#accuracyFrames = joinExamples(await this.#drives.frames(null, accuracy));
    this.#accuracyTest = joinExamples(await this.#drives.frames(null, accuracyTest));
    for (const [index, driver] of this.#state.drivers.entries())
      await this.#addFrames(decode(driver), index + 1);
    this.#best = new Laps(decode(this.#state.best), this.#drives);
    this.#found.push(...this.#state.found.map((file) => new Laps(decode(file), this.#drives)));
  }

  async #addFrames(driver: TernaryNetwork, round: number): Promise<void> {
    const driven = await this.#drives.frames(driver, this.#tracks.round(round));
    this.#older = this.#pool.size;
    this.#pool.add(thinned(driven, FRAMES_KEPT));
  }

  async run(): Promise<DriveSearchResult> {
    const state = this.#state;
    if (state.before === noScores) {
      state.before = await this.#scores(this.#best);
      await this.#tell({ kind: "start", accuracy: state.before.validation, reward: state.before.reward });
    }
    while (state.round < this.#rounds.length && !this.#options.shouldStop?.()) {
      const { round } = state;
      // A round that was begun before an interruption has its driver already.
      if (round > state.drivers.length) {
        state.drivers.push(encode(this.#network));
        await this.#addFrames(this.#network, round);
        await this.#tell({ kind: "frames", round, frames: this.#pool.size - this.#older });
      }
      if (!(await this.#searchRound(this.#rounds[round]))) break;
      const event = this.#rounds[round].length > 0 && (await this.#endRound(round));
      state.round++;
      state.cycle = 0;
      state.cycles = [];
      if (event) await this.#tell(event);
    }
    const { validation } = this.#tracks;
    if (this.#found.length > 0) this.#best = await bestOf([this.#best, ...this.#found], validation);
    const after = await this.#scores(this.#best);
    const { before, neighbours, accepted } = state;
    return { network: this.#best.network, before, after, neighbours, accepted, log: this.#log };
  }

  /** The round's remaining sweeps; false when it was stopped. */
  async #searchRound(cycles: readonly CyclePlan[]): Promise<boolean> {
    const state = this.#state;
    for (; state.cycle < cycles.length; state.cycle++) {
      const cycle = cycles[state.cycle];
      if (state.sweep === 0) state.batchRandom = [...this.#random.state()];
      else this.#random.restore(Uint32Array.from(state.batchRandom));
      const data = this.#pool.draw(this.#random, cycle.frames, this.#older, cycle.outputWeights);
      if (state.sweep > 0) this.#random.restore(Uint32Array.from(state.random));
      const engine = await this.#engines(
        this.#network,
        data,
        cycle.sweeps.map(({ layer }) => layer),
      );
      try {
        while (state.sweep < cycle.sweeps.length) {
          if (this.#options.shouldStop?.()) return false;
          const plan = cycle.sweeps[state.sweep];
          const { neighbours, accepted } = await sweep(engine, this.#random, {
            ...plan,
            family: this.#family,
          });
          state.neighbours += neighbours;
          state.accepted += accepted;
          state.sweep++;
          const { layer } = plan;
          const [loss, accuracy] = [-engine.measure("loss"), engine.measure("accuracy")];
          const { round, cycle: index } = state;
          await this.#tell({
            kind: "sweep",
            round,
            cycle: index,
            layer,
            neighbours,
            accepted,
            loss,
            accuracy,
          });
        }
      } finally {
        engine.close();
      }
      state.sweep = 0;
      state.cycles.push(encode(this.#network));
    }
    return true;
  }

  /** Decides whether what the round found stands. */
  async #endRound(round: number): Promise<DriveEvent> {
    const state = this.#state;
    const accuracyOf = (network: TernaryNetwork) => measureNetwork(network, this.#accuracyFrames, "accuracy");
    if (this.#fitness === "imitation") {
      state.found.push(encode(this.#network));
      const laps = new Laps(cloneNetwork(this.#network), this.#drives);
      this.#found.push(laps);
      const reward = mean(await laps.rewards(this.#tracks.validation.slice(0, FIRST_LOOK)));
      return { kind: "round", round, reward, accuracy: await accuracyOf(laps.network) };
    }
    const least = this.#fitness === "both" ? await accuracyOf(this.#best.network) : 0;
    const candidates: Laps[] = [];
    for (const file of state.cycles) {
      const candidate = decode(file);
      if ((await accuracyOf(candidate)) >= least) candidates.push(new Laps(candidate, this.#drives));
    }
    const { winner, ...result } = await race(
      this.#best,
      candidates,
      this.#tracks.heats(round),
      this.#tracks.finals(round),
    );
    if (winner) {
      this.#best = winner;
      state.best = encode(winner.network);
    }
    const accuracy = await accuracyOf(this.#best.network);
    const raced = { candidates: candidates.length, ...result, won: winner !== null };
    return { kind: "round", round, accuracy, race: raced };
  }

  async #scores(laps: Laps): Promise<DriveScores> {
    const accuracy = (data: CarExamples) => measureNetwork(laps.network, data, "accuracy");
    return {
      train: await accuracy(this.#demonstrations),
      validation: await accuracy(this.#accuracyFrames),
      test: await accuracy(this.#accuracyTest),
      reward: mean(await laps.rewards(this.#tracks.validation)),
    };
  }

  async #checkpoint(): Promise<void> {
    const state = this.#state;
    const network = this.#network;
    await this.#options.onCheckpoint?.(() => {
      state.random = [...this.#random.state()];
      return writeCheckpoint(network, state);
    });
  }

  /** Logs what the state holds by now. */
  async #tell(event: DriveEvent): Promise<void> {
    this.#log.push(event);
    const events = ++this.#state.events;
    const { round, cycle, sweep, neighbours, accepted } = this.#state;
    const sweeps = this.#rounds.map((cycles) => cycles.map((plan) => plan.sweeps.length));
    const all = sum(sweeps.flat());
    const behind = sum([...sweeps.slice(0, round).flat(), ...(sweeps[round]?.slice(0, cycle) ?? []), sweep]);
    const done = event.kind === "start" || all === 0 ? 0 : Math.min(1, behind / all);
    await this.#options.onProgress?.({ event, events, neighbours, accepted, done });
    await this.#checkpoint();
  }
}

const noScores: DriveScores = { train: 0, validation: 0, test: 0, reward: 0 };

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
