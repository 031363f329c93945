/**
 * Puts the page of `tritrack drive` together. The environment runs in the page; recordings go where `storage/` finds a
 * place for them. Drive is there at once, the other screens are loaded when they are first opened.
 */
import { element } from "./app/element.ts";
import { listenToFiles } from "./app/files.ts";
import { attempt, complain, notify } from "./app/notices.ts";
import type { Elsewhere, Page } from "./app/page.ts";
import { listenToTheme } from "./app/preferences.ts";
import { goTo, listenToAddress, type Screen, type ScreenName } from "./app/screens.ts";
import { DriveScreen } from "./drive/drive-screen.ts";
import { Controls } from "./input/controls.ts";
import { Hands } from "./input/hands.ts";
import { type Command, listenToKeyboard } from "./input/keyboard.ts";
import { NETWORK_SUFFIX, NetworkLibrary, networkAddresses } from "./networks/library.ts";
import { LAP_SERVER, LapBook } from "./race/lap-book.ts";
import { LapTable } from "./race/lap-table.ts";
import { Stage } from "./stage/stage.ts";
import { BrowserStore } from "./storage/browser-store.ts";
import { type KeeperStatus, RecordingKeeper } from "./storage/keeper.ts";
import { serverFacts, takeToken } from "./storage/server.ts";
import { ServerStore } from "./storage/server-store.ts";
import { holdTabLock, writtenElsewhere } from "./storage/tab.ts";

/** Time after which a page that is still open starts its service worker, milliseconds. */
const STAY = 5000;

/** Screens by name, each made when it is first asked for. */
interface Screens extends Elsewhere {
  open(name: ScreenName): Promise<Screen>;
  /** Takes a file of the user's disk: a network, a recording or a zip file of recordings. */
  take(file: File): Promise<void>;
}

async function main(): Promise<void> {
  listenToTheme();
  checkWebAssembly();
  takeToken();
  const page = makePage();
  const screens = makeScreens(page, await DriveScreen.create(page));
  let screen: Screen | null = null;
  const current = () => screen;
  listenToHands(page, current);
  listenToRest(page, current);
  listenToSaved(screens, current);
  listenToFiles(document.querySelectorAll<HTMLInputElement>("input[type=file]"), screens.take);
  takeTrackOfAddress(page);
  listenToAddress((name) =>
    attempt(async () => {
      screen?.leave();
      screen = null;
      const opening = screens.open(name);
      page.stage.say("Loading …");
      const next = await opening;
      if (document.body.dataset.screen !== name) return; // another screen was chosen meanwhile
      screen = next;
      screen.enter();
    }),
  );
  element("loading").hidden = true;
  requestAnimationFrame(function frame(now) {
    page.hands.gamepads.poll((name) => screen?.command(name));
    screen?.frame(now);
    if (screen?.show) page.stage.draw(screen.show, screen.words());
    requestAnimationFrame(frame);
  });
  registerServiceWorker();
}

function makePage(): Page {
  const server = serverFacts();
  const show = (status: KeeperStatus) => showStorage(status, server?.folder);
  show({ place: server ? "folder" : "browser", problem: null });
  holdTabLock();
  const store = server ? new ServerStore(notify) : null;
  return {
    controls: new Controls(),
    hands: new Hands(),
    stage: new Stage(),
    networks: new NetworkLibrary(networkAddresses()),
    laps: new LapTable(new LapBook(server ? LAP_SERVER : null)),
    keeper: new RecordingKeeper(new BrowserStore(server === null), store, show, writtenElsewhere),
  };
}

function makeScreens(page: Page, drive: DriveScreen): Screens {
  const watch = once(async () => (await import("./watch/watch-screen.ts")).WatchScreen.create(page));
  const race = once(async () => (await import("./race/race-screen.ts")).RaceScreen.create(page));
  const elsewhere: Elsewhere = {
    watch: async (name) => {
      await page.keeper.settled();
      await (await watch()).watch(name);
      goTo("watch");
    },
    race: async (name) => {
      await page.keeper.settled();
      await (await race()).raceGhost(name);
      goTo("race");
    },
  };
  const recordings = once(async () => {
    const { RecordingsScreen } = await import("./recordings/recordings-screen.ts");
    return new RecordingsScreen(page.keeper, elsewhere);
  });
  const makers = { drive: async () => drive, race, watch, recordings };
  return {
    ...elsewhere,
    open: (name) => makers[name](),
    take: async (file) => {
      if (file.name.endsWith(NETWORK_SUFFIX)) {
        const { name } = page.networks.add(file.name, new Uint8Array(await file.arrayBuffer()));
        await (await watch()).use(name);
        goTo("watch");
        return;
      }
      const added = await (await recordings()).add(file);
      notify(`Added ${added.length === 1 ? added[0] : `${added.length} recordings`}.`);
    },
  };
}

/** Makes a value when it is first asked for. After a failure, as without a connection, it is made again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error) => {
      made = null;
      throw error;
    });
    return made;
  };
}

/** Keyboard, pads and buttons act on the present screen. */
function listenToHands({ controls, hands }: Page, screen: () => Screen | null): void {
  const command = (name: Command | "go") => screen()?.command(name === "go" ? controls.goCommand : name);
  const isPlaying = () => screen()?.show?.moving ?? false;
  listenToKeyboard(hands.keys, { command, isPlaying });
  hands.listenToPads(document.querySelectorAll<HTMLElement>("[data-control]"));
  const setStyle = () => {
    hands.style = controls.keyStyle;
  };
  setStyle();
  element("keys").addEventListener("change", setStyle);
  controls.enable({
    command,
    track: (seed) => screen()?.track(seed),
    changed: () => attempt(() => screen()?.changed()),
  });
}

/** An episode pauses when the page loses the focus or is hidden: hidden pages get no frames. */
function listenToRest({ keeper }: Page, screen: () => Screen | null): void {
  const rest = () => screen()?.rest();
  window.addEventListener("blur", rest);
  document.addEventListener("visibilitychange", () => document.hidden && rest());
  window.addEventListener("pagehide", rest);
  window.addEventListener("beforeunload", (event) => keeper.holdsAny && event.preventDefault());
}

/** The buttons beside "Saved" lead on from the episode that was just driven. */
function listenToSaved(screens: Elsewhere, screen: () => Screen | null): void {
  for (const where of ["watch", "race"] as const)
    element(`saved-${where}`).addEventListener("click", () =>
      attempt(async () => {
        const shown = screen();
        if (shown instanceof DriveScreen) await screens[where](shown.recording);
      }),
    );
}

/** `?seed=7` begins on track 7. Another value is explained, and the page begins on track 0. */
function takeTrackOfAddress({ controls }: Page): void {
  const seed = new URLSearchParams(location.search).get("seed");
  if (seed !== null && !controls.enterSeed(seed)) complain(element("seed-problem").textContent);
}

/** @throws Error with the reason if the page may not run WebAssembly, which physics and drawing are made of */
function checkWebAssembly(): void {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)); // an empty module
  } catch {
    throw new Error(
      typeof WebAssembly === "undefined"
        ? "This browser has no WebAssembly, or it is switched off (Lockdown Mode does that)."
        : "WebAssembly is blocked. The web host's Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src.",
    );
  }
}

/**
 * Says where recordings go: in a line on the Recordings screen, in a line after each episode, and on every screen in a
 * banner while something is wrong. The banner lies over the page, so that it does not move the view of a driven car.
 */
function showStorage({ place, problem }: KeeperStatus, folder: string | undefined): void {
  const banner = element("storage-problem");
  banner.hidden = problem === null;
  if (place === "page")
    banner.textContent = `Recordings are in this page only: ${problem}. Download them before you close it.`;
  else if (problem)
    banner.textContent = `You can drive on. Recordings are saved in this browser and go to ${folder} as soon as possible: ${problem}.`;
  const home = folder === undefined ? "this browser" : folder;
  element("storage").textContent = `Recordings are saved automatically in ${home}.`;
  element("saved-text").textContent =
    place === "page" ? "Not saved." : `Saved in ${place === "folder" ? home : "this browser"}.`;
}

/**
 * Registers the service worker (`app/service-worker.js`), with which the page opens without a connection and can be
 * installed. It starts only once somebody stays, so that it costs a visitor nothing before the first episode. Browsers
 * without one, or that refuse it, go without.
 */
function registerServiceWorker(): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!workers) return;
  setTimeout(async () => {
    try {
      await workers.register("service-worker.js");
    } catch {
      // Insecure addresses and private windows refuse it.
    }
  }, STAY);
}

main().catch((error: Error) => {
  const line = element("loading");
  line.hidden = false;
  line.role = "alert";
  line.textContent = `This page does not work here. ${error.message}`;
});
