/**
 * The page of `tritrack drive`: puts the screens together. The environment runs here, in the page; recordings go where
 * `storage/` finds a place for them.
 */
import { element } from "./app/element.ts";
import { listenToFiles } from "./app/files.ts";
import { attempt, notify } from "./app/notices.ts";
import type { Page } from "./app/page.ts";
import { goTo, listenToAddress, type Screen, type ScreenName } from "./app/screens.ts";
import { listenToTheme } from "./app/theme.ts";
import { DriveScreen } from "./drive/drive-screen.ts";
import { Controls } from "./input/controls.ts";
import { GamepadCommands } from "./input/gamepad.ts";
import { Hands } from "./input/hands.ts";
import { type Command, listenToKeyboard } from "./input/keyboard.ts";
import { listenToTouch } from "./input/touch.ts";
import { NETWORK_SUFFIX, NetworkLibrary } from "./networks/library.ts";
import { serverNetworks } from "./networks/server-networks.ts";
import { ZOO } from "./networks/zoo.ts";
import { LapBook } from "./race/lap-book.ts";
import { LapTable } from "./race/lap-table.ts";
import { RaceScreen } from "./race/race-screen.ts";
import { SERVER_LAPS } from "./race/server-laps.ts";
import { RecordingsScreen } from "./recordings/recordings-screen.ts";
import { showStorage } from "./recordings/storage-line.ts";
import { Stage } from "./stage/stage.ts";
import { BrowserStore } from "./storage/browser-store.ts";
import { RecordingKeeper } from "./storage/keeper.ts";
import { ServerStore } from "./storage/server-store.ts";
import { WatchScreen } from "./watch/watch-screen.ts";

async function main(): Promise<void> {
  listenToTheme();
  const server = await ServerStore.find();
  const keeper = new RecordingKeeper(new BrowserStore(), server, (status) =>
    showStorage(status, server?.folder),
  );
  showStorage({ place: server ? "folder" : "browser", problem: null }, server?.folder);
  const page: Page = {
    controls: new Controls(),
    hands: new Hands(),
    stage: new Stage(),
    networks: new NetworkLibrary(new Map([...(await serverNetworks()), ...ZOO])),
    laps: new LapTable(new LapBook(server ? SERVER_LAPS : null)),
    keeper,
  };
  page.controls.showTrack(trackOfAddress());

  // Drive is there at once; the others are made when they are first gone to.
  let watchScreen: Promise<WatchScreen> | null = null;
  let raceScreen: Promise<RaceScreen> | null = null;
  const watch = () => (watchScreen ??= WatchScreen.create(page));
  const race = () => (raceScreen ??= RaceScreen.create(page));
  const recordings = new RecordingsScreen(keeper, {
    watch: async (name) => {
      await (await watch()).watch(name);
      goTo("watch");
    },
    race: async (name) => {
      await (await race()).raceGhost(name);
      goTo("race");
    },
  });
  const driving = await DriveScreen.create(page);
  const screens: Record<ScreenName, () => Promise<Screen>> = {
    drive: async () => driving,
    race,
    watch,
    recordings: async () => recordings,
  };
  let screen: Screen | null = null;

  const command = (name: Command) => screen?.command(name);
  listenToKeyboard(page.hands.held, command);
  listenToTouch(document.querySelectorAll<HTMLElement>("[data-key]"), page.hands.held);
  listenToFiles(document.querySelectorAll<HTMLInputElement>("input[type=file]"), async (file) => {
    if (file.name.endsWith(NETWORK_SUFFIX)) {
      const { name } = page.networks.add(file.name, new Uint8Array(await file.arrayBuffer()));
      await (await watch()).use(name);
      goTo("watch");
    } else {
      const added = await recordings.add(file);
      notify(`Kept ${added.length === 1 ? added[0] : `${added.length} recordings`}.`);
    }
  });
  page.controls.enable({
    command,
    track: (seed) => screen?.track(seed),
    changed: () => attempt(() => screen?.changed()),
  });
  // Whoever looks elsewhere is not driving; and what is hidden gets no frames.
  const rest = () => screen?.rest();
  window.addEventListener("blur", rest);
  document.addEventListener("visibilitychange", () => document.hidden && rest());
  window.addEventListener("pagehide", rest);
  window.addEventListener("beforeunload", (event) => keeper.holdsAny && event.preventDefault());

  listenToAddress((name) =>
    attempt(async () => {
      screen?.leave();
      screen = null;
      const next = await screens[name]();
      if (document.body.dataset.screen !== name) return; // gone on already
      screen = next;
      screen.enter();
    }),
  );
  const gamepad = new GamepadCommands();
  requestAnimationFrame(function frame(now) {
    gamepad.poll(command);
    screen?.frame(now);
    if (screen?.show) page.stage.draw(screen.show, screen.words());
    requestAnimationFrame(frame);
  });
}

/** `?seed=7` begins on track 7. */
function trackOfAddress(): bigint {
  const seed = new URLSearchParams(location.search).get("seed") ?? "";
  return /^\d{1,18}$/.test(seed) ? BigInt(seed) : 0n;
}

main().catch((error: Error) => {
  element("headline").textContent = "This page does not work here";
  element("detail").textContent = error.message;
});
