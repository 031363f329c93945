/** Progress of a search for a person: a bar, the latest step, how fast it is. */
import type { LayerStep, RoundsStep, SearchProgress } from "../../search/index.ts";
import { percent } from "../common/output.ts";
import { type Progress, startProgress } from "../common/progress.ts";
import { roundLine } from "./rounds.ts";
import type { CommonOptions } from "./task.ts";

/** Between updates while a step goes on, which may take a minute in an early layer. Milliseconds. */
const SHOW_EVERY = 1000;

/** Steps of the rules that the command line knows. */
export type AnyStep = LayerStep | RoundsStep;

/** Progress of one search on stderr. */
export class SearchScreen {
  readonly #options: Pick<CommonOptions, "fitness" | "seconds" | "budget">;
  #bar: Progress | undefined;
  #timer: NodeJS.Timeout | undefined;
  #percent = 0;
  #note = "first step";
  /** Best driving reward so far, for rule rounds. */
  #reward: number | undefined;
  #neighbours: number | undefined;

  constructor(options: Pick<CommonOptions, "fitness" | "seconds" | "budget">) {
    this.#options = options;
  }

  start(): void {
    this.#bar = startProgress(`search ${this.#options.fitness}`, 100, "%");
    this.#timer = setInterval(() => this.#update(), SHOW_EVERY);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#bar?.stop();
    this.#bar = undefined;
  }

  /** Shows what goes on within a step. */
  show(what: string): void {
    this.#note = this.#reward === undefined ? what : `reward ${this.#reward.toFixed(1)}, ${what}`;
    this.#update();
  }

  /** Shows a step that was made. @param seconds since the first step of this run began */
  step(progress: SearchProgress<AnyStep>, seconds: number): void {
    const { step, neighbours, accepted, done } = progress;
    const { seconds: limit = Number.POSITIVE_INFINITY, budget = Number.POSITIVE_INFINITY } = this.#options;
    this.#percent = Math.min(100, Math.floor(100 * Math.max(done, seconds / limit, neighbours / budget)));
    const own = "neighbours" in step ? step.neighbours : 0;
    // Neighbours before a checkpoint were not tried in this run.
    this.#neighbours ??= neighbours - own;
    const rate = Number(((neighbours - this.#neighbours) / seconds).toPrecision(3));
    if ("kind" in step) this.#takeIn(step);
    const counts = `${neighbours} neighbours, ${rate} a second, ${accepted} accepted`;
    this.show(`${"kind" in step ? stepOfRounds(step) : this.#stepOfLayer(step)}, ${counts}`);
  }

  #takeIn(step: RoundsStep): void {
    if (step.kind === "start") this.#reward = step.reward;
    if (step.kind !== "round") return;
    if (step.reward !== undefined) this.#reward = step.reward;
    else if (step.race?.won) this.#reward = (this.#reward ?? 0) + step.race.gain;
    process.stderr.write(`${roundLine(step)}\n`);
  }

  #stepOfLayer({ layerName, reward, measure }: LayerStep): string {
    const name = this.#options.fitness === "loss" ? "loss" : "best";
    return `${layerName}: ${name} ${(reward ?? measure).toFixed(4)}`;
  }

  #update(): void {
    this.#bar?.update(this.#percent, this.#note);
  }
}

function stepOfRounds(step: RoundsStep): string {
  if (step.kind === "start") return `action accuracy ${percent(step.accuracy)}`;
  if (step.kind === "frames") return `round ${step.round}: ${step.frames} frames`;
  if (step.kind === "sweep") return `round ${step.round}, ${step.layer}: loss ${step.loss.toFixed(4)}`;
  return `round ${step.round} done`;
}
