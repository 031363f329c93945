/** The screen on which a person drives alone. Race (`race/race-screen.ts`) is this with another car on the track. */
import type { Page } from "../app/page.ts";
import type { Screen } from "../app/screens.ts";
import type { Command } from "../input/keyboard.ts";
import { Drive, type Phase } from "../run/drive.ts";
import { Timeline } from "../run/timeline.ts";
import { type RulesName, WORLDS } from "../run/worlds.ts";
import type { Show, Words } from "../stage/show.ts";
import { GO, phaseWords } from "./phase-words.ts";

export class DriveScreen implements Screen {
  protected readonly page: Page;
  protected readonly drive: Drive;
  /** The choice that the present run was made for. */
  protected rules: RulesName;
  private shown = false;

  protected constructor(page: Page, run: Timeline) {
    this.page = page;
    this.rules = page.controls.rules;
    this.drive = new Drive(run, (action) => page.hands.drive(action), {
      phase: (phase) => this.entered(phase),
      stepped: () => this.stepped(),
      save: (name, text) => page.keeper.save(name, text),
    });
  }

  static async create(page: Page): Promise<DriveScreen> {
    const screen = new DriveScreen(page, await Timeline.create(WORLDS[page.controls.rules]));
    screen.begin(page.controls.seed);
    return screen;
  }

  enter(): void {
    this.shown = true;
    const { controls, stage } = this.page;
    const { phase, run } = this.drive;
    // An episode that was left in the middle waits where it was; else the track chosen elsewhere is taken.
    const waits = phase === "ready" || phase === "finished";
    if (waits && this.rules !== controls.rules) this.changed();
    else if (waits && controls.seed !== BigInt(run.seed)) this.begin(controls.seed);
    controls.showTrack(this.drive.run.seed);
    controls.showGo(...GO[this.drive.phase]);
    stage.touch();
  }

  leave(): void {
    this.rest();
    this.shown = false;
  }

  rest(): void {
    this.drive.pause();
  }

  command(name: Command): void {
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

  track(seed: bigint): void {
    this.begin(seed);
  }

  /** Rules were chosen. */
  async changed(): Promise<void> {
    const { rules, seed } = this.page.controls;
    this.drive.pause();
    this.rules = rules;
    const left = this.drive.run;
    this.begin(seed, await Timeline.create(WORLDS[rules]));
    left.close();
  }

  frame(now: number): void {
    this.drive.frame(now);
  }

  get show(): Show {
    const { run, action, fraction, approach, moving, phase, countdown } = this.drive;
    const counting = phase === "countdown" ? countdown : null;
    return { run, rival: null, action, fraction, approach, moving, countdown: counting };
  }

  words(): Words {
    return phaseWords(this.drive);
  }

  /** Puts the car at the start of a track. */
  protected begin(seed: bigint, run?: Timeline): void {
    this.drive.begin(seed, run);
    if (this.shown) this.page.controls.showTrack(seed);
  }

  protected stepped(): void {}

  protected finished(): void {
    this.page.laps.addOwn(this.drive.run);
  }

  private entered(phase: Phase): void {
    const { controls, stage } = this.page;
    if (this.shown) controls.showGo(...GO[phase]);
    stage.touch();
    if (phase === "finished") this.finished();
  }
}
