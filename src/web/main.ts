/**
 * The page of `tritrack drive`: puts the parts together. The environment runs here, in the page; keyboard, gamepad
 * and touch pads drive it; recordings go where `storage/` finds a place for them, and are replayed here too.
 */
import { keysToAction } from "../../policies/human.ts";
import { parseEpisode } from "../../recordings/episode.ts";
import { Drive, type DriveEvents, type Phase } from "./drive/drive.ts";
import { makeReplay, replaysExactly } from "./drive/replay.ts";
import { makeWorld } from "./drive/world.ts";
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
import { driveWords, replayWords } from "./view/words.ts";

const goButton = element<HTMLButtonElement>("go");
const seedInput = element<HTMLInputElement>("seed");
const limitSelect = element<HTMLSelectElement>("limit");

async function main(): Promise<void> {
  const server = await ServerStore.find();
  const keeper = new RecordingKeeper(new BrowserStore(), server, (status) =>
    showStorage(status, server?.folder),
  );
  showStorage({ place: server ? "folder" : "browser", problem: null }, server?.folder);
  const stage = new Stage();

  /** The replay that has the stage, and whether it came out as recorded. */
  let replay: { drive: Drive; exact: boolean } | null = null;
  const recordings = new RecordingList(keeper, async (name, text) => {
    const episode = parseEpisode(text, name);
    const made = await makeReplay(
      episode,
      showing(
        () => made,
        (phase) => {
          if (phase === "finished") shown.exact = replaysExactly(made, episode);
        },
      ),
    );
    const shown = { drive: made, exact: false };
    leaveReplay();
    drive.pause();
    replay = shown;
    made.begin(episode.seed);
    made.start();
    element("view").scrollIntoView({ block: "nearest" });
  });

  const held = new Set<string>();
  const drive = new Drive(
    await makeWorld(Number(limitSelect.value)),
    (action) => {
      if (!gamepadToAction(action)) keysToAction(held, action);
      return true;
    },
    {
      ...showing(
        () => drive,
        (phase) => {
          if (phase !== "countdown" && phase !== "driving") keeper.settled().then(() => recordings.refresh());
        },
      ),
      save: (name, text) => keeper.save(name, text),
    },
  );

  /** What a drive tells the stage; `phase` hears of it after the stage. */
  function showing(shown: () => Drive, phase: (phase: Phase) => void): Omit<DriveEvents, "save"> {
    return {
      reset: () => stage.load(shown()),
      stepped: () => stage.step(shown()),
      phase: (now) => {
        stage.touch();
        goButton.textContent = GO_LABELS[now];
        phase(now);
      },
    };
  }
  const current = () => replay?.drive ?? drive;
  const begin = (seed: bigint) => {
    leaveReplay();
    seedInput.value = String(seed);
    drive.begin(seed);
  };
  function leaveReplay(): void {
    replay?.drive.world.env.close();
    replay = null;
  }

  const commands: Record<Command, () => void> = {
    start: () => current().start(),
    pause: () => (current().phase === "paused" ? current().start() : current().pause()),
    restart: () => {
      if (replay) replay.drive.begin(replay.drive.seed);
      else begin(BigInt(drive.seed));
      current().start();
    },
    next: () => begin(BigInt(drive.seed) + (replay ? 0n : 1n)),
  };
  const command = (name: Command) => commands[name]();

  listenToKeyboard(held, command);
  listenToTouch(document.querySelectorAll<HTMLElement>("[data-key]"), held);
  goButton.addEventListener("click", () => command(current().running ? "pause" : "start"));
  element("restart").addEventListener("click", () => command("restart"));
  element("next").addEventListener("click", () => command("next"));
  element("view").addEventListener("click", () => command("start"));
  element("controls").addEventListener("submit", (event) => {
    event.preventDefault(); // Enter in the field of the track
    seedInput.blur();
    begin(BigInt(seedInput.value));
  });
  seedInput.addEventListener("change", () => {
    if (seedInput.checkValidity()) begin(BigInt(seedInput.value));
  });
  limitSelect.addEventListener("change", async () => {
    leaveReplay();
    drive.pause();
    const left = drive.world;
    drive.begin(drive.seed, await makeWorld(Number(limitSelect.value)));
    left.env.close();
  });
  // Whoever looks elsewhere is not driving; and what is hidden gets no frames.
  const pause = () => current().pause();
  window.addEventListener("blur", pause);
  document.addEventListener("visibilitychange", () => document.hidden && pause());
  window.addEventListener("pagehide", pause);
  window.addEventListener("beforeunload", (event) => keeper.holdsAny && event.preventDefault());

  begin(BigInt(new URLSearchParams(location.search).get("seed")?.match(/^\d{1,18}$/)?.[0] ?? 0));
  for (const button of document.querySelectorAll<HTMLButtonElement>("#controls button"))
    button.disabled = false;

  const gamepad = new GamepadCommands();
  const frame = (now: number) => {
    gamepad.poll(command);
    current().frame(now);
    stage.draw(current(), replay ? replayWords(replay.drive, replay.exact) : driveWords(drive));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

const GO_LABELS: Record<Phase, string> = {
  ready: "Start",
  countdown: "Pause",
  driving: "Pause",
  paused: "Go on",
  finished: "Again",
};

main().catch((error: Error) => {
  element("headline").textContent = "This page does not work here";
  element("detail").textContent = error.message;
});
