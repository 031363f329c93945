/**
 * "DAgger-SSS": search for networks that drive. In each round the network drives, the teacher says what it would have
 * done, and swaps are searched that lower the imitation loss on these frames and on demonstrations; then it drives again.
 * No gradient anywhere: it begins from a trained network or from a random one. Single swaps hardly move the driving
 * reward, so swaps follow the imitation loss and driving judges what a round of them has come to.
 *
 * Deterministic: the same network, demonstrations, options and seed give the same result, whoever does the work and
 * wherever it was interrupted.
 */
import { CorruptFile, InvalidOption } from "../../../env/errors.ts";
import { Random } from "../../../env/random.ts";
import { cloneNetwork, layerIndex, type TernaryNetwork } from "../../../policies/ternary/network.ts";
import { readNetwork, writeNetwork } from "../../../policies/ternary/safetensors.ts";
import type { Family } from "../../../policies/ternary/swap.ts";
import { type Demonstrations, frameCount, joinDemonstrations } from "../../data/demonstrations.ts";
import { DeltaEngine, measureNetwork } from "../engine.ts";
import type { CarData } from "../fitness.ts";
import type { EngineMaker } from "../fitness-engine.ts";
import { type Drives, localDrives } from "./drives.ts";
import { FramePool } from "./frames.ts";
import { type CyclePlan, cyclesOf, FRAMES_KEPT, TRACKS } from "./plan.ts";
import { bestOf, FIRST_LOOK, Laps, type RaceResult, race } from "./race.ts";
import { sweep } from "./sweep.ts";

/**
 * "imitation": what drives best on validation tracks, the start or what a round found. "reward": what a round found replaces the
 * network only when it wins a race on driving reward (race.ts). "both": that, and neither a swap nor a round may lower
 * action accuracy.
 */
export type DriveFitness = "imitation" | "reward" | "both";

export interface DriveSearchOptions {
  /** Default "both". */
  fitness?: DriveFitness | undefined;
  /** Rounds in which the network drives; default 4. */
  rounds?: number | undefined;
  /** Cycles of search on demonstrations alone, before the network drives; a random network needs them. Default 0. */
  warmUp?: number | undefined;
  /** Names of the layers that may be searched. Default: all; `1.0` only while warming up. */
  layers?: readonly string[] | undefined;
  /** Default "same". */
  family?: Family | undefined;
  /** Default 0. */
  seed?: number | undefined;
  /** Sets of labelled frames, one a demonstration. Default: the teacher drives. */
  demonstrations?: readonly Demonstrations[] | undefined;
  /** Tracks by purpose. Default: TRACKS of plan.ts. */
  tracks?: typeof TRACKS | undefined;
  /** What is searched in a round. Default: cyclesOf of plan.ts. */
  plan?: typeof cyclesOf | undefined;
  /** Who drives, and who measures. Default: this thread. */
  drives?: Drives | undefined;
  engines?: EngineMaker | undefined;
  /** Called after every step; a promise is awaited. */
  onProgress?: ((progress: DriveProgress) => void | Promise<void>) | undefined;
  /** Asked after every sweep whether to end here, with the network that stands. */
  shouldStop?: (() => boolean) | undefined;
  /** Told after every sweep what makes the bytes of a checkpoint for `resume`; write them atomically, now and then. */
  onCheckpoint?: ((checkpoint: () => Uint8Array) => void | Promise<void>) | undefined;
  /** Bytes of a checkpoint of a search with the same options: goes on from there, to the same result. */
  resume?: Uint8Array | undefined;
}

/** What happened: a line of the log. */
export type DriveEvent =
  | { kind: "start"; accuracy: number; reward: number }
  | { kind: "frames"; round: number; frames: number }
  | {
      kind: "sweep";
      round: number;
      cycle: number;
      layer: string;
      neighbours: number;
      accepted: number;
      /** Imitation loss and action accuracy on the batch. */
      loss: number;
      accuracy: number;
    }
  | {
      kind: "round";
      round: number;
      /** Action accuracy on frames kept for that: "imitation" of what was found, otherwise of what stands. */
      accuracy: number;
      /** "imitation": mean driving reward on the first validation tracks. */
      reward?: number;
      /** Otherwise how the race went, and whether what was found stands from now on. */
      race?: Omit<RaceResult, "winner"> & { won: boolean };
    };

export interface DriveProgress {
  event: DriveEvent;
  /** Events so far, with those before the checkpoint that the search goes on from. */
  events: number;
  /** Neighbours and accepted swaps so far. */
  neighbours: number;
  accepted: number;
  /** Share of the sweeps that lie behind, 0 to 1. */
  done: number;
}

/** Action accuracies on demonstrations, on frames by which was chosen, on frames that nothing else used; driving reward. */
export interface DriveScores {
  train: number;
  validation: number;
  test: number;
  /** Mean on TRACKS.validation; after a search that was stopped, on the first of them. */
  reward: number;
}

export interface DriveSearchResult {
  network: TernaryNetwork;
  before: DriveScores;
  after: DriveScores;
  neighbours: number;
  accepted: number;
  /** Of a search that goes on from a checkpoint: what happened after it. */
  log: DriveEvent[];
}

/** Where a search is and what it needs to go on; networks are files in base64. */
interface State {
  /** The options that must be the same. */
  options: string;
  round: number;
  cycle: number;
  /** The next sweep of the cycle. */
  sweep: number;
  /** Of the generator, now and when the cycle's batch was drawn. */
  random: number[];
  batchRandom: number[];
  /** The network that drove in each round so far, and the network after each cycle of this round. */
  drivers: string[];
  cycles: string[];
  /** The network that stands; with "imitation" what every round found. */
  best: string;
  found: string[];
  before: DriveScores;
  neighbours: number;
  accepted: number;
  events: number;
}

/** Metadata key of a checkpoint's state: a checkpoint is a network file. */
const STATE = "checkpoint";

/** Searches from `network`, which is left as it is. Throws `InvalidOption` on options that do not fit together. */
export async function driveSearch(
  network: TernaryNetwork,
  options: DriveSearchOptions = {},
): Promise<DriveSearchResult> {
  const run = await DriveSearch.create(network, options);
  return run.run();
}

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
  #demonstrations!: CarData;
  #accuracyFrames!: CarData;
  #accuracyTest!: CarData;
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
    for (const layer of layers) layerIndex(network.architecture, layer);
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
    const fixed = JSON.stringify({ fitness, rounds, warmUp, layers, family, seed });
    const saved = options.resume && readCheckpoint(options.resume);
    if (saved && saved.state.options !== fixed)
      throw new InvalidOption(`the checkpoint is of another search: ${saved.state.options}; now ${fixed}`);
    this.#network = saved ? saved.network : cloneNetwork(network);
    this.#state = saved?.state ?? {
      ...{
        options: fixed,
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

  /** Frames of demonstrations and, after an interruption, of the rounds before it. */
  async #gather(): Promise<void> {
    const { demonstrations, accuracy, accuracyTest } = this.#tracks;
    const shown = this.#options.demonstrations ?? (await this.#drives.frames(null, demonstrations));
    this.#pool.add(shown);
    const carData = (sets: readonly Demonstrations[]): CarData => ({
      task: "car",
      ...joinDemonstrations(sets),
    });
    this.#demonstrations = carData(shown.slice(0, accuracy.length));
    this.#accuracyFrames = carData(await this.#drives.frames(null, accuracy));
    this.#accuracyTest = carData(await this.#drives.frames(null, accuracyTest));
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
      state.before = await this.#scores(this.#best, this.#tracks.validation);
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
      if (this.#rounds[round].length > 0) await this.#endRound(round);
      state.round++;
      state.cycle = 0;
      state.cycles = [];
    }
    // Whoever stops a search does not want to wait for drives: it is scored by those that were driven already.
    const stopped = state.round < this.#rounds.length;
    const tracks = stopped ? this.#tracks.validation.slice(0, FIRST_LOOK) : this.#tracks.validation;
    if (this.#found.length > 0) this.#best = await bestOf([this.#best, ...this.#found], tracks);
    const after = await this.#scores(this.#best, tracks);
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
          const keepAccuracy = this.#fitness === "both";
          const { neighbours, accepted } = await sweep(engine, this.#random, {
            ...plan,
            family: this.#family,
            keepAccuracy,
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
          await this.#checkpoint();
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
  async #endRound(round: number): Promise<void> {
    const state = this.#state;
    const accuracyOf = (network: TernaryNetwork) => measureNetwork(network, this.#accuracyFrames, "accuracy");
    if (this.#fitness === "imitation") {
      state.found.push(encode(this.#network));
      const laps = new Laps(cloneNetwork(this.#network), this.#drives);
      this.#found.push(laps);
      const reward = mean(await laps.rewards(this.#tracks.validation.slice(0, FIRST_LOOK)));
      await this.#tell({ kind: "round", round, reward, accuracy: await accuracyOf(laps.network) });
      return;
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
    await this.#tell({ kind: "round", round, accuracy, race: { ...result, won: winner !== null } });
  }

  async #scores(laps: Laps, tracks: readonly number[]): Promise<DriveScores> {
    const accuracy = (data: CarData) => measureNetwork(laps.network, data, "accuracy");
    return {
      train: await accuracy(this.#demonstrations),
      validation: await accuracy(this.#accuracyFrames),
      test: await accuracy(this.#accuracyTest),
      reward: mean(await laps.rewards(tracks)),
    };
  }

  async #checkpoint(): Promise<void> {
    const state = this.#state;
    const network = this.#network;
    await this.#options.onCheckpoint?.(() => {
      state.random = [...this.#random.state()];
      return writeNetwork({
        ...network,
        metadata: { ...network.metadata, [STATE]: JSON.stringify(state) },
      });
    });
  }

  async #tell(event: DriveEvent): Promise<void> {
    this.#log.push(event);
    const events = ++this.#state.events;
    const { round, cycle, sweep, neighbours, accepted } = this.#state;
    const sweeps = this.#rounds.map((cycles) => cycles.map((plan) => plan.sweeps.length));
    const all = sum(sweeps.flat());
    const behind = sum([...sweeps.slice(0, round).flat(), ...(sweeps[round]?.slice(0, cycle) ?? []), sweep]);
    const done = event.kind === "start" || all === 0 ? 0 : Math.min(1, behind / all);
    await this.#options.onProgress?.({ event, events, neighbours, accepted, done });
  }
}

const noScores: DriveScores = { train: 0, validation: 0, test: 0, reward: 0 };

/** Every k-th frame, with the least k that leaves no more than `most`. */
function thinned(sets: readonly Demonstrations[], most: number): Demonstrations[] {
  const frames = sum(sets.map(frameCount));
  const step = Math.max(1, Math.ceil(frames / most));
  if (step === 1) return [...sets];
  return sets.map(({ inputs, targets }) => {
    const bytes = (inputs.length / targets.length) * 3;
    const kept = Math.ceil(targets.length / 3 / step);
    const thin = { inputs: new Uint8Array(kept * bytes), targets: new Float32Array(kept * 3) };
    for (let i = 0; i < kept; i++) {
      thin.inputs.set(inputs.subarray(i * step * bytes, (i * step + 1) * bytes), i * bytes);
      thin.targets.set(targets.subarray(i * step * 3, (i * step + 1) * 3), i * 3);
    }
    return thin;
  });
}

function encode(network: TernaryNetwork): string {
  return Buffer.from(writeNetwork(network)).toString("base64");
}

function decode(file: string): TernaryNetwork {
  return readNetwork(Buffer.from(file, "base64"), "network in a checkpoint");
}

function readCheckpoint(bytes: Uint8Array): { network: TernaryNetwork; state: State } {
  const network = readNetwork(bytes, "checkpoint");
  const { [STATE]: text, ...metadata } = network.metadata;
  if (text === undefined) throw new InvalidOption("the network file is no checkpoint of a search");
  try {
    return { network: { ...network, metadata }, state: JSON.parse(text) };
  } catch {
    throw new CorruptFile("the checkpoint of the search is damaged");
  }
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
