/**
 * The page of `tritrack drive`: puts the parts together. The environment runs here, in the page; keyboard, gamepad
 * and touch pads drive it; recordings go where `storage/` finds a place for them, and are replayed here too.
 */
import { keysToAction } from "../../policies/human.ts";
import { parseEpisode } from "../../recordings/episode.ts";
import { Drive, type Phase } from "./drive/drive.ts";
import { makeReplay, replaysExactly } from "./drive/replay.ts";
import { makeWorld } from "./drive/world.ts";
import { Controls } from "./input/controls.ts";
import { listenToFiles } from "./input/files.ts";
import { GamepadCommands, gamepadToAction } from "./input/gamepad.ts";
import { type Command, listenToKeyboard } from "./input/keyboard.ts";
import { listenToTouch } from "./input/touch.ts";
import { BrowserStore } from "./storage/browser-store.ts";
import { RecordingKeeper } from "./storage/keeper.ts";
import { ServerStore } from "./storage/server-store.ts";
import { element } from "./view/element.ts";
import { RecordingList } from "./view/recordings.ts";
import { Stage } from "./view/stage.ts";
import { showStorage } from "./view/storage-line.ts";
import { driveWords, replayWords, type Words } from "./view/words.ts";

/** What has the stage: the person's own drive, or a replay. */
interface Show {
  drive: Drive;
  words(): Words;
}

async function main(): Promise<void> {
  const controls = new Controls();
  const stage = new Stage();
  const server = await ServerStore.find();
  const keeper = new RecordingKeeper(new BrowserStore(), server, (status) =>
    showStorage(status, server?.folder),
  );
  showStorage({ place: server ? "folder" : "browser", problem: null }, server?.folder);

  const onStage = {
    reset: (drive: Drive) => stage.load(drive),
    stepped: (drive: Drive) => stage.step(drive),
    phase: (phase: Phase) => {
      stage.touch();
      controls.showPhase(phase);
    },
  };

  const held = new Set<string>();
  const drive = new Drive(
    await makeWorld(controls.limit),
    (action) => {
      if (!gamepadToAction(action)) keysToAction(held, action);
      return true;
    },
    {
      ...onStage,
      phase: (phase, drive) => {
        onStage.phase(phase);
        if (!drive.running) keeper.settled().then(() => recordings.refresh());
      },
      save: (name, text) => keeper.save(name, text),
    },
  );
  const own: Show = { drive, words: () => driveWords(drive) };
  let show = own;

  const recordings = new RecordingList(keeper, async (name, text) => {
    const episode = parseEpisode(text, name);
    const replay = await makeReplay(episode, onStage);
    drive.pause();
    present({ drive: replay, words: () => replayWords(replay, () => replaysExactly(replay, episode)) });
    replay.begin(episode.seed);
    replay.start();
    element("view").scrollIntoView({ block: "nearest" });
  });

  function present(next: Show): void {
    if (show !== own) show.drive.world.env.close();
    show = next;
  }
  function begin(seed: bigint, world = drive.world): void {
    present(own);
    controls.showTrack(seed);
    drive.begin(seed, world);
  }

  const commands: Record<Command, () => void> = {
    start: () => show.drive.start(),
    pause: () => (show.drive.phase === "paused" ? show.drive.start() : show.drive.pause()),
    restart: () => {
      show.drive.begin(show.drive.seed);
      show.drive.start();
    },
    next: () => begin(BigInt(drive.seed) + (show === own ? 1n : 0n)),
  };
  const command = (name: Command) => commands[name]();
  listenToKeyboard(held, command);
  listenToFiles((file) => recordings.add(file));
  listenToTouch(document.querySelectorAll<HTMLElement>("[data-key]"), held);
  controls.enable({
    command,
    track: begin,
    limit: async (steps) => {
      drive.pause();
      const left = drive.world;
      begin(BigInt(drive.seed), await makeWorld(steps));
      left.env.close();
    },
  });
  // Whoever looks elsewhere is not driving; and what is hidden gets no frames.
  const pause = () => show.drive.pause();
  window.addEventListener("blur", pause);
  document.addEventListener("visibilitychange", () => document.hidden && pause());
  window.addEventListener("pagehide", pause);
  window.addEventListener("beforeunload", (event) => keeper.holdsAny && event.preventDefault());

  begin(trackOfAddress());
  const gamepad = new GamepadCommands();
  requestAnimationFrame(function frame(now) {
    gamepad.poll(command);
    show.drive.frame(now);
    stage.draw(show.drive, show.words);
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
