/** The screen on which a person drives alone. Race (`race/race-screen.ts`) adds a second car on the track. */
import { element } from "../app/element.ts";
import type { Page } from "../app/page.ts";
import type { Screen } from "../app/screens.ts";
import type { Command } from "../input/keyboard.ts";
import { Drive, type Phase } from "../run/drive.ts";
import { Timeline } from "../run/timeline.ts";
import { type RulesName, WORLDS } from "../run/worlds.ts";
import type { Show, Words } from "../stage/show.ts";
import { GO, phaseWords } from "./phase-words.ts";

/** People who ask for less motion see the car at once instead of a flight towards it. */
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** Drive, and what Race shares with it. */
export class DriveScreen implements Screen {
  /** Parts of the page. */
  protected readonly page: Page;
  /** The person's episodes. */
  protected readonly drive: Drive;
  /** Rules that the present episode was made for. */
  protected rules: RulesName;
  #shown = false;
  /** Resolves when other rules or another opponent are in place; null while none are on their way. */
  #changing: Promise<void> | null = null;

  /** @param run made for the rules that the controls show */
  protected constructor(page: Page, run: Timeline) {
    this.page = page;
    this.rules = page.controls.rules;
    this.drive = new Drive(run, (action) => page.hands.drive(action), {
      phase: (phase) => this.#entered(phase),
      stepped: () => this.stepped(),
      save: (name, text, growing) => page.keeper.save(name, text, growing),
      driver: () => page.controls.driver,
    });
  }

  /** Makes the screen with the car at the start of the chosen track. */
  static async create(page: Page): Promise<DriveScreen> {
    const screen = new DriveScreen(page, await Timeline.create(WORLDS[page.controls.rules]));
    screen.begin(page.controls.seed);
    return screen;
  }

  /** See {@link Screen.enter}. */
  enter(): void {
    this.#shown = true;
    const { controls, stage } = this.page;
    const { phase, run } = this.drive;
    // An unfinished episode stays; otherwise a track or rules chosen on another screen are taken.
    const waits = phase === "ready" || phase === "finished";
    if (waits && this.rules !== controls.rules) this.changed();
    else if (waits && controls.seed !== BigInt(run.seed)) this.begin(controls.seed);
    controls.showTrack(this.drive.run.seed);
    this.#showPhase();
    stage.touch();
  }

  /** See {@link Screen.leave}. */
  leave(): void {
    this.rest();
    this.#shown = false;
  }

  /** See {@link Screen.rest}. */
  rest(): void {
    this.drive.pause();
  }

  /** See {@link Screen.command}. */
  command(name: Command): void {
    if (this.#changing) {
      this.#changing.then(() => this.command(name));
      return;
    }
    const { drive } = this;
    const seed = BigInt(drive.run.seed);
    switch (name) {
      case "start":
        drive.start();
        break;
      case "pause":
        if (drive.phase === "paused") drive.start();
        else drive.pause();
        break;
      case "restart":
        this.begin(seed);
        drive.start();
        break;
      case "next":
        this.begin(seed + 1n);
    }
  }

  /** See {@link Screen.track}. */
  track(seed: bigint): void {
    this.begin(seed);
  }

  /** See {@link Screen.changed}. Commands that come meanwhile wait. */
  async changed(): Promise<void> {
    const changing = this.change().finally(() => {
      if (this.#changing === changing) this.#changing = null;
    });
    this.#changing = changing;
    await changing;
  }

  /** Puts the chosen rules in place. */
  protected async change(): Promise<void> {
    const { rules, seed } = this.page.controls;
    this.drive.pause();
    this.rules = rules;
    const left = this.drive.run;
    this.begin(seed, await Timeline.create(WORLDS[rules]));
    left.close();
  }

  /** See {@link Screen.frame}. */
  frame(now: number): void {
    this.drive.frame(now);
  }

  /** See {@link Screen.show}. */
  get show(): Show {
    const { run, action, fraction, moving, phase, countdown } = this.drive;
    const counting = phase === "countdown" ? countdown : null;
    const approach = lessMotion.matches ? 1 : this.drive.approach;
    return { run, rival: null, action, fraction, approach, moving, countdown: counting };
  }

  /** See {@link Screen.words}. */
  words(): Words {
    return phaseWords(this.drive);
  }

  /** Name of the present episode's recording. */
  get recording(): string {
    return this.drive.recording;
  }

  /** Puts the car at the start of a track. */
  protected begin(seed: bigint, run?: Timeline): void {
    this.drive.begin(seed, run);
    if (this.#shown) this.page.controls.showTrack(seed);
  }

  /** Called after each step. */
  protected stepped(): void {}

  /** Called when an episode has ended. */
  protected finished(): void {
    this.page.laps.addOwn(this.page.controls.driver, this.drive.run);
  }

  #entered(phase: Phase): void {
    const { hands, stage } = this.page;
    if (phase === "driving") hands.forgetTaps();
    // A car below the fold cannot be driven.
    if (phase === "countdown" && this.#shown) element("view").scrollIntoView({ block: "nearest" });
    if (this.#shown) this.#showPhase();
    stage.touch();
    if (phase === "finished") this.finished();
  }

  /** Main button, and after an episode the line that leads on from its recording. */
  #showPhase(): void {
    const { phase } = this.drive;
    this.page.controls.showGo(...GO[phase]);
    element("saved").hidden = phase !== "finished" && phase !== "paused";
  }
}
