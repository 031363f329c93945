/** The screen on which one watches a network: it drives, or looks at the frames of a recording, and its inside is shown. */
import { parseEpisode } from "../../../../recordings/episode.ts";
import { create, element, TextElement } from "../app/element.ts";
import { download } from "../app/files.ts";
import { attempt, notify } from "../app/notices.ts";
import type { Page } from "../app/page.ts";
import type { Screen } from "../app/screens.ts";
import { endingWords, pressWord } from "../drive/phase-words.ts";
import type { Command } from "../input/keyboard.ts";
import { NETWORK_SUFFIX } from "../networks/library.ts";
import { describeRecording, title } from "../recordings/describe.ts";
import { Timeline } from "../run/timeline.ts";
import { WORLDS, worldOf } from "../run/worlds.ts";
import { formatSeconds } from "../stage/readings.ts";
import { NO_WORDS, type Show, type Words } from "../stage/show.ts";
import { Insides } from "./insides.ts";
import { Player } from "./player.ts";
import { NetworkSession } from "./session.ts";
import { WeightsView } from "./weights-view.ts";

/** Value of the list of sources if a network drives. */
const NETWORK_DRIVES = "network";
/** Time between two pictures of the inside while an episode plays, milliseconds. The eye follows no faster. */
const LOOK_EVERY = 50;

/** Watch. */
export class WatchScreen implements Screen {
  readonly #page: Page;
  readonly #player: Player;
  readonly #insides: Insides;
  readonly #weights: WeightsView;
  readonly #sourceField = element<HTMLSelectElement>("source");
  readonly #networkField = element<HTMLSelectElement>("network");
  readonly #slider = element<HTMLInputElement>("timeline");
  readonly #timelineText = new TextElement("timeline-text");
  #session: NetworkSession;
  #shown = false;
  /** True if the pictures of the inside are out of date. */
  #stale = true;
  #nextLook = 0;

  private constructor(page: Page, run: Timeline, session: NetworkSession) {
    this.#page = page;
    this.#session = session;
    this.#player = new Player(run, session, {
      changed: () => this.#refresh(),
      save: (name, text) => page.keeper.save(name, text),
      correct: (action) => page.hands.correct(action),
    });
    this.#weights = new WeightsView(
      () => this.#reconsider(),
      () => this.#saveNetwork(),
    );
    this.#insides = new Insides((layer, unit) => this.#weights.choose(layer, unit));
    this.#networkField.addEventListener("change", () => attempt(() => this.use(this.#networkField.value)));
    this.#sourceField.addEventListener("change", () => attempt(() => this.#choose(this.#sourceField.value)));
    this.#slider.addEventListener("input", () => this.#player.seek(Number(this.#slider.value)));
    const speed = element<HTMLSelectElement>("speed");
    speed.addEventListener("change", () => {
      this.#player.speed = Number(speed.value);
    });
    this.#player.speed = Number(speed.value);
    page.networks.listen(() => this.#listNetworks());
  }

  /** Makes the screen with the first network at the start of the chosen track. */
  static async create(page: Page): Promise<WatchScreen> {
    const session = await NetworkSession.create(await page.networks.open(page.networks.names[0]));
    const screen = new WatchScreen(page, await Timeline.create(WORLDS.scored), session);
    screen.#listNetworks();
    screen.#listSources([]);
    screen.#present(session);
    screen.#player.begin(page.controls.seed);
    return screen;
  }

  /** See {@link Screen.enter}. */
  enter(): void {
    this.#shown = true;
    const { controls, keeper } = this.#page;
    const player = this.#player;
    if (!player.episode && player.run.length === 0) player.begin(controls.seed);
    keeper
      .list()
      .then((recordings) =>
        this.#listSources(
          recordings
            .filter((recording) => !("error" in recording))
            .map((recording) => [recording.name, describeRecording(recording)]),
        ),
      );
    this.#refresh();
  }

  /** See {@link Screen.rest}. */
  rest(): void {
    this.#player.pause();
  }

  /** See {@link Screen.leave}. */
  leave(): void {
    this.rest();
    this.#shown = false;
    element("hands").hidden = true;
  }

  /** See {@link Screen.command}. */
  command(name: Command): void {
    const player = this.#player;
    const seed = BigInt(player.run.seed);
    switch (name) {
      case "start":
      case "pause":
        if (player.playing) player.pause();
        else player.play();
        break;
      case "step":
        player.step();
        break;
      case "restart":
        player.seek(0);
        player.play();
        break;
      case "next":
        this.track(seed + 1n);
    }
  }

  /** See {@link Screen.track}. */
  track(seed: bigint): void {
    attempt(() => this.#choose(NETWORK_DRIVES, seed));
  }

  /** See {@link Screen.changed}. */
  changed(): void {}

  /** Plays a recording. */
  async watch(name: string): Promise<void> {
    await this.#choose(name);
    this.#player.play();
  }

  /** Lets the network of this name in the library drive. */
  async use(name: string): Promise<void> {
    const session = await NetworkSession.create(await this.#page.networks.open(name));
    this.#networkField.value = name;
    this.#session = session;
    this.#player.hand(session);
    this.#present(session);
    this.#refresh();
  }

  /** See {@link Screen.frame}. */
  frame(now: number): void {
    const player = this.#player;
    player.frame(now);
    const { steps } = player.run;
    if (player.playing) element("hands").hidden = !player.run.wasCorrected;
    if (!this.#stale && (!player.playing || now < this.#nextLook)) return;
    this.#stale = false;
    this.#nextLook = now + LOOK_EVERY;
    this.#insides.draw(this.#session, player.run.observation);
    this.#slider.max = String(player.run.length);
    if (this.#slider.value !== String(steps)) this.#slider.value = String(steps);
    const end = player.run.length / player.run.car.metadata.renderFps;
    this.#timelineText.set(`${player.run.seconds.toFixed(2)} of ${formatSeconds(end)}`);
  }

  /** See {@link Screen.show}. */
  get show(): Show {
    const { run, action, fraction, playing } = this.#player;
    return { run, rival: null, action, fraction, approach: 1, moving: playing, countdown: null };
  }

  /** See {@link Screen.words}. */
  words(): Words {
    const { run, playing, episode, over } = this.#player;
    if (playing) return NO_WORDS;
    const who = episode ? episode.driver.name : this.#session.name;
    if (over) {
      const reward = `Reward ${run.reward.toFixed(1)}`;
      if (!episode) return [endingWords(run), `${who}. ${reward}. ${pressWord()} to play it again`];
      const exact = this.#player.exact
        ? "Replayed exactly as recorded"
        : "Replayed differently: another version of tritrack may have recorded it";
      return [`Replay: ${endingWords(run)}`, `${reward}. ${exact}. ${pressWord()} to play it again`];
    }
    return run.steps === 0 ? [`Track ${run.seed}: ${who}`, `${pressWord()} to play`] : NO_WORDS;
  }

  /** Chooses the source: a recording by its name, or the network. */
  async #choose(source: string, seed = BigInt(this.#player.run.seed)): Promise<void> {
    const player = this.#player;
    const page = this.#page;
    player.pause();
    const left = player.run;
    if (source === NETWORK_DRIVES) {
      // A recording may have needed another environment; the network's own episodes share one.
      player.begin(seed, player.episode ? await Timeline.create(WORLDS.scored) : left);
    } else {
      const recordings = await page.keeper.list();
      const recording = recordings.find(({ name }) => name === source);
      if (!recording) throw new Error(`the recording ${title(source)} is gone`);
      const episode = parseEpisode(await page.keeper.read(recording), source);
      player.load(episode, await Timeline.create(worldOf(episode)));
      if (![...this.#sourceField.options].some(({ value }) => value === source))
        this.#sourceField.add(new Option(describeRecording(recording), source));
    }
    this.#sourceField.value = source;
    if (player.run !== left) left.close();
    this.#refresh();
  }

  /** After a change of weights the network chooses anew, also for steps that it has driven already. */
  #reconsider(): void {
    this.#player.hand(this.#session);
    this.#insides.draw(this.#session, this.#player.run.observation);
    this.#insides.introduce(this.#session);
  }

  #saveNetwork(): void {
    const session = this.#session;
    const name = session.name.replace(/[^\w.-]+/g, "-");
    const bytes = session.file();
    download(name + NETWORK_SUFFIX, bytes, "application/octet-stream");
    if (session.swaps.length === 0) return;
    const added = this.#page.networks.add(name, bytes);
    notify(`Saved as ${name}${NETWORK_SUFFIX} and added to the lists of networks as ${added.name}.`);
  }

  #present(session: NetworkSession): void {
    this.#weights.show(session);
    this.#insides.introduce(session);
  }

  #listNetworks(): void {
    const { value } = this.#networkField;
    this.#networkField.replaceChildren(...this.#page.networks.names.map((name) => new Option(name)));
    this.#networkField.value = value || this.#page.networks.names[0];
  }

  /** @param recordings names and descriptions */
  #listSources(recordings: readonly [name: string, text: string][]): void {
    const { value } = this.#sourceField;
    this.#sourceField.replaceChildren(new Option("the network", NETWORK_DRIVES));
    if (recordings.length > 0)
      this.#sourceField.append(
        create(
          "optgroup",
          { label: "A recording" },
          ...recordings.map(([name, text]) => new Option(text, name)),
        ),
      );
    this.#sourceField.value = value || NETWORK_DRIVES;
  }

  #refresh(): void {
    if (this.#player.playing) this.#page.hands.forgetTaps();
    this.#stale = true;
    this.#page.stage.touch();
    if (!this.#shown) return;
    this.#page.controls.showTrack(this.#player.run.seed);
    this.#page.controls.showGo(this.#player.playing ? "Pause" : "Play", "start");
    if (!this.#player.playing) element("hands").hidden = true;
  }
}
