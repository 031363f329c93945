/** The screen on which one looks at a network: it drives, or looks on at a recording, and its insides are shown. */
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

const NETWORK_DRIVES = "network";
/** Between two pictures of the insides while it plays, milliseconds: the eye follows no faster. */
const LOOK_EVERY = 50;

export class WatchScreen implements Screen {
  private readonly page: Page;
  private readonly player: Player;
  private readonly insides: Insides;
  private readonly weights: WeightsView;
  private readonly sourceField = element<HTMLSelectElement>("source");
  private readonly networkField = element<HTMLSelectElement>("network");
  private readonly moment = element<HTMLInputElement>("moment");
  private readonly momentText = new TextElement("moment-text");
  private session: NetworkSession;
  private shown = false;
  /** The insides are out of date. */
  private stale = true;
  private nextLook = 0;

  private constructor(page: Page, run: Timeline, session: NetworkSession) {
    this.page = page;
    this.session = session;
    this.player = new Player(run, session, {
      changed: () => this.refresh(),
      save: (name, text) => page.keeper.save(name, text),
      correct: (action) => page.hands.correct(action),
    });
    this.weights = new WeightsView(
      () => this.reconsider(),
      () => this.saveNetwork(),
    );
    this.insides = new Insides((layer, unit) => this.weights.choose(layer, unit));
    this.networkField.addEventListener("change", () => attempt(() => this.use(this.networkField.value)));
    this.sourceField.addEventListener("change", () => attempt(() => this.choose(this.sourceField.value)));
    this.moment.addEventListener("input", () => this.player.seek(Number(this.moment.value)));
    const speed = element<HTMLSelectElement>("speed");
    speed.addEventListener("change", () => {
      this.player.speed = Number(speed.value);
    });
    this.player.speed = Number(speed.value);
    page.networks.listen(() => this.listNetworks());
  }

  static async create(page: Page): Promise<WatchScreen> {
    const session = await NetworkSession.create(await page.networks.open(page.networks.names[0]));
    const screen = new WatchScreen(page, await Timeline.create(WORLDS.scored), session);
    screen.listNetworks();
    screen.listSources([]);
    screen.present(session);
    screen.player.begin(page.controls.seed);
    return screen;
  }

  enter(): void {
    this.shown = true;
    const { controls, keeper } = this.page;
    const { player } = this;
    if (!player.episode && player.run.length === 0) player.begin(controls.seed);
    keeper
      .list()
      .then((recordings) =>
        this.listSources(
          recordings
            .filter((recording) => !("error" in recording))
            .map((recording) => [recording.name, describeRecording(recording)]),
        ),
      );
    this.refresh();
  }

  rest(): void {
    this.player.pause();
  }

  leave(): void {
    this.rest();
    this.shown = false;
    element("hands").hidden = true;
  }

  command(name: Command): void {
    const { player } = this;
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

  track(seed: bigint): void {
    attempt(() => this.choose(NETWORK_DRIVES, seed));
  }

  changed(): void {}

  /** Shows a recording, and plays it. */
  async watch(name: string): Promise<void> {
    await this.choose(name);
    this.player.play();
  }

  /** Lets a network drive, by its name in the library. */
  async use(name: string): Promise<void> {
    const session = await NetworkSession.create(await this.page.networks.open(name));
    this.networkField.value = name;
    this.session = session;
    this.player.hand(session);
    this.present(session);
    this.refresh();
  }

  frame(now: number): void {
    const { player } = this;
    player.frame(now);
    const { steps } = player.run;
    if (player.playing) element("hands").hidden = !player.run.wasCorrected;
    if (!this.stale && (!player.playing || now < this.nextLook)) return;
    this.stale = false;
    this.nextLook = now + LOOK_EVERY;
    this.insides.draw(this.session, player.run.observation);
    this.moment.max = String(player.run.length);
    if (this.moment.value !== String(steps)) this.moment.value = String(steps);
    const end = player.run.length / player.run.car.metadata.renderFps;
    this.momentText.set(`${player.run.seconds.toFixed(2)} of ${formatSeconds(end)}`);
  }

  get show(): Show {
    const { run, action, fraction, playing } = this.player;
    return { run, rival: null, action, fraction, approach: 1, moving: playing, countdown: null };
  }

  words(): Words {
    const { run, playing, episode, over } = this.player;
    if (playing) return NO_WORDS;
    const who = episode ? episode.driver.name : this.session.name;
    if (over) {
      const reward = `Reward ${run.reward.toFixed(1)}`;
      if (!episode) return [endingWords(run), `${who}. ${reward}. ${pressWord()} to see it again`];
      const exact = this.player.exact
        ? "It replayed exactly as recorded"
        : "It did not replay as recorded: another version?";
      return [`Replay: ${endingWords(run)}`, `${reward}. ${exact}. ${pressWord()} to see it again`];
    }
    return run.steps === 0 ? [`Track ${run.seed}: ${who}`, `${pressWord()} to play`] : NO_WORDS;
  }

  /** What is played: a recording by its name, or a network drive. */
  private async choose(source: string, seed = BigInt(this.player.run.seed)): Promise<void> {
    const { player, page } = this;
    player.pause();
    const left = player.run;
    if (source === NETWORK_DRIVES) {
      // The network's own drive goes on in the same environment; a recording may have needed another.
      player.begin(seed, player.episode ? await Timeline.create(WORLDS.scored) : left);
    } else {
      const recordings = await page.keeper.list();
      const recording = recordings.find(({ name }) => name === source);
      if (!recording) throw new Error(`there is no recording ${title(source)} any more`);
      const episode = parseEpisode(await page.keeper.read(recording), source);
      player.load(episode, await Timeline.create(worldOf(episode)));
      if (![...this.sourceField.options].some(({ value }) => value === source))
        this.sourceField.add(new Option(describeRecording(recording), source));
    }
    this.sourceField.value = source;
    if (player.run !== left) left.close();
    this.refresh();
  }

  /** Weights have changed: the network decides anew, also where it has driven already. */
  private reconsider(): void {
    this.player.hand(this.session);
    this.insides.draw(this.session, this.player.run.observation);
    this.insides.introduce(this.session);
  }

  private saveNetwork(): void {
    const { session } = this;
    const name = session.name.replace(/[^\w.-]+/g, "-");
    const bytes = session.file();
    download(name + NETWORK_SUFFIX, bytes, "application/octet-stream");
    if (session.swaps.length === 0) return;
    const added = this.page.networks.add(name, bytes);
    notify(`Saved as ${name}${NETWORK_SUFFIX}, and in the lists of networks as ${added.name}.`);
  }

  private present(session: NetworkSession): void {
    this.weights.show(session);
    this.insides.introduce(session);
  }

  private listNetworks(): void {
    const { value } = this.networkField;
    this.networkField.replaceChildren(...this.page.networks.names.map((name) => new Option(name)));
    this.networkField.value = value || this.page.networks.names[0];
  }

  /** @param recordings names and descriptions */
  private listSources(recordings: readonly [name: string, text: string][]): void {
    const { value } = this.sourceField;
    this.sourceField.replaceChildren(new Option("the network", NETWORK_DRIVES));
    if (recordings.length > 0)
      this.sourceField.append(
        create(
          "optgroup",
          { label: "A recording" },
          ...recordings.map(([name, text]) => new Option(text, name)),
        ),
      );
    this.sourceField.value = value || NETWORK_DRIVES;
  }

  private refresh(): void {
    this.stale = true;
    this.page.stage.touch();
    if (!this.shown) return;
    this.page.controls.showTrack(this.player.run.seed);
    this.page.controls.showGo(this.player.playing ? "Pause" : "Play", "start");
    if (!this.player.playing) element("hands").hidden = true;
  }
}
