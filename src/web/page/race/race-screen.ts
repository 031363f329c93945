/** The screen on which a person races: Drive with a second car on the track, step for step, and the best laps below. */
import { parseEpisode } from "../../../../recordings/episode.ts";
import { create, element, TextElement } from "../app/element.ts";
import { complain } from "../app/notices.ts";
import type { Page } from "../app/page.ts";
import { DriveScreen } from "../drive/drive-screen.ts";
import { endingWords, pressWord } from "../drive/phase-words.ts";
import { describeRecording, title } from "../recordings/describe.ts";
import { Timeline } from "../run/timeline.ts";
import { WORLDS } from "../run/worlds.ts";
import type { Show, Words } from "../stage/show.ts";
import type { Kept } from "../storage/keeper.ts";
import { gap, Progress } from "./gap.ts";
import { EXPERT_NAMES, expertOpponent, ghostOpponent, networkOpponent, type Opponent } from "./opponents.ts";

const FIRST_OPPONENT = "expert:teacher";
/** Steps of an opponent that is still on its way, each frame once the person has finished: it is fast-forwarded. */
const STEPS_AFTER_FINISH = 20;

export class RaceScreen extends DriveScreen {
  private readonly select = element<HTMLSelectElement>("opponent");
  private readonly gapText = new TextElement("gap");
  private readonly own = new Progress();
  private readonly other = new Progress();
  private opponent: Opponent;
  private recordings: readonly Kept[] = [];

  private constructor(page: Page, run: Timeline, opponent: Opponent) {
    super(page, run);
    this.opponent = opponent;
    page.networks.listen(() => this.list());
  }

  static override async create(page: Page): Promise<RaceScreen> {
    const world = WORLDS[page.controls.rules];
    const opponent = await expertOpponent("teacher", world);
    const screen = new RaceScreen(page, await Timeline.create(world), opponent);
    screen.list();
    screen.begin(page.controls.seed);
    return screen;
  }

  override enter(): void {
    super.enter();
    this.page.laps.show(String(this.drive.run.seed));
    this.page.keeper.list().then((recordings) => {
      this.recordings = recordings;
      this.list();
    });
  }

  /** Races a recording from its start. */
  async raceGhost(name: string): Promise<void> {
    this.recordings = await this.page.keeper.list();
    this.list();
    this.select.value = `ghost:${name}`;
    await this.changed();
    this.page.controls.showTrack(this.drive.run.seed);
  }

  override async changed(): Promise<void> {
    this.drive.pause();
    this.rules = this.page.controls.rules;
    const left = [this.drive.run, this.opponent.run];
    try {
      const [opponent, run] = await this.make(this.select.value);
      this.opponent = opponent;
      this.begin(opponent.run.length > 0 ? BigInt(opponent.run.seed) : this.page.controls.seed, run);
    } catch (error) {
      complain((error as Error).message);
      this.select.value = FIRST_OPPONENT;
      return this.changed();
    }
    for (const run of left) run.close();
  }

  override frame(now: number): void {
    super.frame(now);
    const { drive, opponent } = this;
    if (drive.phase !== "finished" || opponent.over) return;
    for (let i = 0; i < STEPS_AFTER_FINISH && !opponent.over; i++) opponent.step();
    if (opponent.over) this.page.laps.add(opponent.name, opponent.run);
    this.page.stage.touch();
  }

  override get show(): Show {
    return { ...super.show, rival: this.opponent.run };
  }

  override words(): Words {
    const { drive, opponent } = this;
    const { run, phase } = drive;
    if (phase === "ready") return [`Track ${run.seed}, against ${opponent.name}`, `${pressWord()} to start`];
    if (phase !== "finished") return super.words();
    const theirs = opponent.over
      ? `${opponent.name}: ${endingWords(opponent.run).toLowerCase()}`
      : `${opponent.name} is on its way`;
    const verdict = opponent.over ? verdictOf(run, opponent.run) : endingWords(run);
    return [verdict, `You: ${endingWords(run).toLowerCase()}. ${theirs}. ${pressWord()} to race again`];
  }

  protected override begin(seed: bigint, run?: Timeline): void {
    if (
      this.select.value.startsWith("ghost:") &&
      seed !== BigInt(this.opponent.run.seed) &&
      this.opponent.run.length > 0
    ) {
      this.select.value = FIRST_OPPONENT; // a ghost knows its own track only
      this.page.controls.showTrack(seed);
      this.changed();
      return;
    }
    super.begin(seed, run);
    this.opponent.begin(this.drive.run.seed);
    for (const [progress, { run }] of this.bothCars()) {
      progress.clear();
      progress.note(run);
    }
    this.gapText.set("–");
    this.page.laps.show(String(seed));
  }

  protected override stepped(): void {
    const wasOver = this.opponent.over;
    this.opponent.step();
    for (const [progress, { run }] of this.bothCars()) progress.note(run);
    const behind = gap(this.own, this.other, this.drive.run.steps) / this.drive.run.car.metadata.renderFps;
    this.gapText.set(`${behind > 0 ? "+" : behind < 0 ? "−" : "±"}${Math.abs(behind).toFixed(2)} s`);
    if (!wasOver && this.opponent.over) this.page.laps.add(this.opponent.name, this.opponent.run);
  }

  private bothCars(): [Progress, { run: Timeline }][] {
    return [
      [this.own, this.drive],
      [this.other, this.opponent],
    ];
  }

  /** The opponent of a choice, and what the person drives in: a ghost's rules are its own. */
  private async make(choice: string): Promise<[Opponent, Timeline]> {
    const [kind, name] = [choice.slice(0, choice.indexOf(":")), choice.slice(choice.indexOf(":") + 1)];
    const world = WORLDS[this.page.controls.rules];
    if (kind === "ghost") {
      const recording = this.recordings.find((candidate) => candidate.name === name)!;
      const episode = parseEpisode(await this.page.keeper.read(recording), name);
      const opponent = await ghostOpponent(`${episode.driver.name}, ${title(name)}`, episode);
      opponent.begin(episode.seed);
      return [opponent, await Timeline.create(opponent.run.world)];
    }
    const opponent =
      kind === "network"
        ? await networkOpponent(name, this.page.networks, world)
        : await expertOpponent(name, world);
    return [opponent, await Timeline.create(world)];
  }

  /** Lists who can be raced, and keeps the choice. */
  private list(): void {
    const { value } = this.select;
    const ghosts = this.recordings.filter((recording) => !("error" in recording));
    const groups: [label: string, options: [value: string, label: string][]][] = [
      ["Experts", EXPERT_NAMES.map((name) => [`expert:${name}`, name])],
      ["Networks", this.page.networks.names.map((name) => [`network:${name}`, name])],
      ["Recordings", ghosts.map((ghost) => [`ghost:${ghost.name}`, describeRecording(ghost)])],
    ];
    this.select.replaceChildren(
      ...groups
        .filter(([, options]) => options.length > 0)
        .map(([label, options]) =>
          create("optgroup", { label }, ...options.map(([value, text]) => new Option(text, value))),
        ),
    );
    this.select.value = value || FIRST_OPPONENT;
    if (this.select.selectedIndex < 0) this.select.value = FIRST_OPPONENT;
  }
}

/** Who won: the faster lap, or else the higher reward. */
function verdictOf(own: Timeline, other: Timeline): string {
  const laps = [own, other].map((run) => (run.ending === "lap" ? run.steps : Number.POSITIVE_INFINITY));
  const difference = laps[0] === laps[1] ? other.reward - own.reward : laps[0] - laps[1];
  if (difference === 0) return "A dead heat";
  return difference < 0 ? "You win" : "You lose";
}
