/** The screen on which a person races: Drive with a second car on the track, step for step, and the best laps below. */
import { parseEpisode } from "../../../../recordings/episode.ts";
import { create, element, TextElement } from "../app/element.ts";
import { attempt, complain } from "../app/notices.ts";
import type { Page } from "../app/page.ts";
import { DriveScreen } from "../drive/drive-screen.ts";
import { endingWords, pressWord } from "../drive/phase-words.ts";
import { describeRecording, title } from "../recordings/describe.ts";
import { Timeline } from "../run/timeline.ts";
import { WORLDS } from "../run/worlds.ts";
import type { Show, Words } from "../stage/show.ts";
import type { Kept } from "../storage/keeper.ts";
import { EXPERT_NAMES } from "./experts.ts";
import { gap, Progress } from "./gap.ts";
import { expertOpponent, ghostOpponent, networkOpponent, type Opponent } from "./opponents.ts";

/** The slowest expert is the default, so that a beginner sees it for more than a moment. */
const FIRST_OPPONENT = `expert:${EXPERT_NAMES[0]}`;
/** Steps per frame of an opponent that is still driving when the person has finished: it is fast-forwarded. */
const STEPS_AFTER_FINISH = 20;
/** The countdown stops here while the opponent still plans, milliseconds. */
const LAST_MOMENT = 100;

/** Race. */
export class RaceScreen extends DriveScreen {
  readonly #select = element<HTMLSelectElement>("opponent");
  readonly #gapText = new TextElement("gap");
  readonly #own = new Progress();
  readonly #other = new Progress();
  #opponent: Opponent;
  #recordings: readonly Kept[] = [];

  private constructor(page: Page, run: Timeline, opponent: Opponent) {
    super(page, run);
    this.#opponent = opponent;
    page.networks.listen(() => this.#list());
  }

  /** Makes the screen with both cars at the start of the chosen track. */
  static override async create(page: Page): Promise<RaceScreen> {
    const world = WORLDS[page.controls.rules];
    const opponent = await expertOpponent(EXPERT_NAMES[0], world);
    const screen = new RaceScreen(page, await Timeline.create(world), opponent);
    screen.#list();
    screen.begin(page.controls.seed);
    return screen;
  }

  /** See {@link Screen.enter}. */
  override enter(): void {
    super.enter();
    this.page.laps.show(this.drive.run);
    this.page.keeper.list().then((recordings) => {
      this.#recordings = recordings;
      this.#list();
    });
  }

  /** Races a recording from its start. */
  async raceGhost(name: string): Promise<void> {
    this.#recordings = await this.page.keeper.list();
    this.#list();
    this.#select.value = `ghost:${name}`;
    await this.changed();
    this.page.controls.showTrack(this.drive.run.seed);
  }

  /** Puts the chosen rules and opponent in place. */
  protected override async change(): Promise<void> {
    this.drive.pause();
    this.rules = this.page.controls.rules;
    const left = [this.drive.run, this.#opponent.run];
    try {
      const [opponent, run] = await this.#make(this.#select.value);
      this.#opponent = opponent;
      this.begin(opponent.track ?? this.page.controls.seed, run);
    } catch (error) {
      complain((error as Error).message);
      this.#select.value = FIRST_OPPONENT;
      return this.change();
    }
    for (const run of left) run.close();
  }

  /** See {@link Screen.frame}. */
  override frame(now: number): void {
    const drive = this.drive;
    const opponent = this.#opponent;
    if (!opponent.ready && drive.phase === "countdown" && drive.countdown <= LAST_MOMENT) return;
    super.frame(now);
    if (drive.phase !== "finished" || opponent.over) return;
    for (let i = 0; i < STEPS_AFTER_FINISH && !opponent.over; i++) opponent.step();
    if (opponent.over) this.page.laps.add(opponent.name, opponent.run);
    this.page.stage.touch();
  }

  /** See {@link Screen.show}. */
  override get show(): Show {
    return { ...super.show, rival: this.#opponent.run };
  }

  /** See {@link Screen.words}. */
  override words(): Words {
    const { run, phase, countdown } = this.drive;
    const opponent = this.#opponent;
    const { name } = opponent;
    if (phase === "ready") return [`Track ${run.seed}, against ${name}`, `${pressWord()} to start`];
    if (phase === "countdown" && !opponent.ready && countdown <= 1000)
      return ["1", `${name} plans its lap …`];
    if (phase !== "finished") return super.words();
    const theirs = opponent.over
      ? `${name}: ${endingWords(opponent.run).toLowerCase()}`
      : `${name} is still driving`;
    const verdict = opponent.over ? verdictOf(run, opponent.run) : endingWords(run);
    return [verdict, `You: ${endingWords(run).toLowerCase()}. ${theirs}. ${pressWord()} to race again`];
  }

  /** See {@link DriveScreen.begin}. */
  protected override begin(seed: bigint, run?: Timeline): void {
    const { track } = this.#opponent;
    if (track !== null && track !== seed) {
      this.#select.value = FIRST_OPPONENT; // a ghost drives its own track only
      this.page.controls.showTrack(seed);
      this.changed();
      return;
    }
    super.begin(seed, run);
    attempt(() => this.#opponent.begin(this.drive.run.seed));
    for (const [progress, { run }] of this.#bothCars()) {
      progress.clear();
      progress.note(run);
    }
    this.#gapText.set("–");
    this.page.laps.show(this.drive.run);
  }

  /** See {@link DriveScreen.stepped}. */
  protected override stepped(): void {
    const opponent = this.#opponent;
    const wasOver = opponent.over;
    opponent.step();
    for (const [progress, { run }] of this.#bothCars()) progress.note(run);
    const behind = gap(this.#own, this.#other, this.drive.run.steps) / this.drive.run.car.metadata.renderFps;
    this.#gapText.set(`${behind > 0 ? "+" : behind < 0 ? "−" : "±"}${Math.abs(behind).toFixed(2)} s`);
    if (!wasOver && opponent.over) this.page.laps.add(opponent.name, opponent.run);
  }

  #bothCars(): [Progress, { run: Timeline }][] {
    return [
      [this.#own, this.drive],
      [this.#other, this.#opponent],
    ];
  }

  /** The chosen opponent, and the person's timeline. Against a ghost both drive by the rules of its recording. */
  async #make(choice: string): Promise<[Opponent, Timeline]> {
    const [kind, name] = [choice.slice(0, choice.indexOf(":")), choice.slice(choice.indexOf(":") + 1)];
    const world = WORLDS[this.page.controls.rules];
    if (kind === "ghost") {
      const recording = this.#recordings.find((candidate) => candidate.name === name)!;
      const episode = parseEpisode(await this.page.keeper.read(recording), name);
      const opponent = await ghostOpponent(`${episode.driver.name}, ${title(name)}`, episode);
      return [opponent, await Timeline.create(opponent.run.world)];
    }
    const opponent =
      kind === "network"
        ? await networkOpponent(name, this.page.networks, world)
        : await expertOpponent(name, world);
    return [opponent, await Timeline.create(world)];
  }

  /** Fills the list of opponents and keeps the choice. */
  #list(): void {
    const { value } = this.#select;
    const ghosts = this.#recordings.filter((recording) => !("error" in recording));
    const groups: [label: string, options: [value: string, label: string][]][] = [
      ["Experts", EXPERT_NAMES.map((name) => [`expert:${name}`, name])],
      ["Networks", this.page.networks.names.map((name) => [`network:${name}`, name])],
      ["Recordings", ghosts.map((ghost) => [`ghost:${ghost.name}`, describeRecording(ghost)])],
    ];
    this.#select.replaceChildren(
      ...groups
        .filter(([, options]) => options.length > 0)
        .map(([label, options]) =>
          create("optgroup", { label }, ...options.map(([value, text]) => new Option(text, value))),
        ),
    );
    this.#select.value = value || FIRST_OPPONENT;
    if (this.#select.selectedIndex < 0) this.#select.value = FIRST_OPPONENT;
  }
}

/** The verdict for the person: the faster lap wins, and without a lap the higher reward. */
function verdictOf(own: Timeline, other: Timeline): string {
  const laps = [own, other].map((run) => (run.ending === "lap" ? run.steps : Number.POSITIVE_INFINITY));
  const difference = laps[0] === laps[1] ? other.reward - own.reward : laps[0] - laps[1];
  if (difference === 0) return "A tie";
  return difference < 0 ? "You win" : "You lose";
}
