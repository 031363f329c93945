/** Opponents of a race: experts, networks, and the ghosts of recordings. Each drives on a timeline of its own. */
import type { Policy } from "../../../../policies/policy.ts";
import { TernaryPolicy } from "../../../../policies/ternary/policy.ts";
import type { Episode } from "../../../../recordings/episode.ts";
import type { NetworkLibrary } from "../networks/library.ts";
import { Timeline } from "../run/timeline.ts";
import { type World, worldOf } from "../run/worlds.ts";
import { driveExpert, type ExpertTask } from "./experts.ts";

/** A second car on the track. */
export interface Opponent {
  /** Name for people. */
  readonly name: string;
  /** Its episode. */
  readonly run: Timeline;
  /** The only track that it can drive, or null if it drives any. */
  readonly track: bigint | null;
  /** False while it plans its episode. */
  readonly ready: boolean;
  /** Goes to the start of a track. Resolves when it is ready. */
  begin(seed: number | bigint): Promise<void>;
  /** Drives one step, unless its episode is over. */
  step(): void;
  /** True after its last step. */
  readonly over: boolean;
}

/**
 * An expert as an opponent.
 * @param name one of `EXPERT_NAMES`
 * @param drive drives its episodes. Default: in a worker.
 */
export async function expertOpponent(
  name: string,
  world: World,
  drive: (task: ExpertTask) => Promise<Episode> = driveInWorker,
): Promise<Opponent> {
  return new ExpertOpponent(name, await Timeline.create(world, false), drive);
}

/**
 * A network of the library as an opponent.
 * @throws CorruptFile if its file is damaged
 * @throws Error if its file cannot be fetched
 */
export async function networkOpponent(
  name: string,
  networks: NetworkLibrary,
  world: World,
): Promise<Opponent> {
  const { network } = await networks.open(name);
  return new NetworkOpponent(await TernaryPolicy.create(network, name), await Timeline.create(world));
}

/** A recording as an opponent, on its own track and by its own rules. */
export async function ghostOpponent(name: string, episode: Episode): Promise<Opponent> {
  return new GhostOpponent(name, episode, await Timeline.create(worldOf(episode), false));
}

class NetworkOpponent implements Opponent {
  readonly name: string;
  readonly run: Timeline;
  readonly track = null;
  readonly ready = true;
  readonly #policy: Policy<Uint8Array>;

  constructor(policy: Policy<Uint8Array>, run: Timeline) {
    this.name = policy.name;
    this.#policy = policy;
    this.run = run;
  }

  async begin(seed: number | bigint): Promise<void> {
    this.run.begin(seed);
    this.#policy.reset(this.run.car, seed);
  }

  step(): void {
    if (!this.over) this.run.advance(this.#policy.act(this.run.observation));
  }

  get over(): boolean {
    return this.run.ending !== null;
  }
}

class GhostOpponent implements Opponent {
  readonly name: string;
  readonly run: Timeline;
  readonly track: bigint;
  readonly ready = true;
  readonly #episode: Episode;

  constructor(name: string, episode: Episode, run: Timeline) {
    this.name = name;
    this.track = BigInt(episode.seed);
    this.#episode = episode;
    this.run = run;
  }

  async begin(): Promise<void> {
    this.run.load(this.#episode);
  }

  step(): void {
    this.run.replay();
  }

  get over(): boolean {
    return this.run.steps === this.run.length;
  }
}

class ExpertOpponent implements Opponent {
  readonly name: string;
  readonly run: Timeline;
  readonly track = null;
  readonly #drive: (task: ExpertTask) => Promise<Episode>;
  #episode: Episode | null = null;
  /** Counts the calls of `begin`: an episode that was planned for an earlier one is not taken any more. */
  #turn = 0;

  constructor(name: string, run: Timeline, drive: (task: ExpertTask) => Promise<Episode>) {
    this.name = name;
    this.run = run;
    this.#drive = drive;
  }

  get ready(): boolean {
    return this.#episode !== null && BigInt(this.#episode.seed) === BigInt(this.run.seed);
  }

  async begin(seed: number | bigint): Promise<void> {
    const turn = ++this.#turn;
    this.run.begin(seed);
    if (!this.ready) {
      const episode = await this.#drive({ name: this.name, world: this.run.world, seed });
      if (turn !== this.#turn) return;
      this.#episode = episode;
    }
    this.run.load(this.#episode!);
  }

  step(): void {
    this.run.replay();
  }

  get over(): boolean {
    return this.ready && this.run.steps === this.run.length;
  }
}

interface Answer {
  id: number;
  episode?: Episode;
  error?: string;
}

let worker: Worker | null = null;
let lastId = 0;

/** Drives an episode in a worker, or in the page where the browser refuses one. */
function driveInWorker(task: ExpertTask): Promise<Episode> {
  try {
    worker ??= new Worker(new URL("./expert-worker.ts", import.meta.url), { type: "module" });
  } catch {
    return driveExpert(task);
  }
  const asked = worker;
  const id = ++lastId;
  return new Promise((done, fail) => {
    const stop = new AbortController();
    const { signal } = stop;
    const take = ({ data }: MessageEvent<Answer>) => {
      if (data.id !== id) return;
      stop.abort();
      if (data.episode) done(data.episode);
      else fail(new Error(data.error));
    };
    asked.addEventListener("message", take, { signal });
    // A worker that cannot be loaded, as when its file is blocked, is replaced by the page itself.
    const replace = () => {
      stop.abort();
      worker = null;
      driveExpert(task).then(done, fail);
    };
    asked.addEventListener("error", replace, { signal });
    asked.postMessage({ id, task });
  });
}
