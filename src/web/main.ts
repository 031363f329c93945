/**
 * The page of `tritrack drive`: puts the parts together. The environment runs here, in the page; keyboard, gamepad
 * and touch pads drive it; recordings go where `storage/` finds a place for them.
 */
import { keysToAction } from "../../policies/human.ts";
import { Drive, type Phase } from "./drive/drive.ts";
import { makeWorld } from "./drive/world.ts";
import { GamepadCommands, gamepadToAction } from "./input/gamepad.ts";
import { type Command, listenToKeyboard } from "./input/keyboard.ts";
import { listenToTouch } from "./input/touch.ts";
import { BrowserStore } from "./storage/browser-store.ts";
import { type KeeperStatus, RecordingKeeper } from "./storage/keeper.ts";
import { ServerStore } from "./storage/server-store.ts";
import { element } from "./view/element.ts";
import { showOverlay } from "./view/overlay.ts";
import { PixelView } from "./view/pixels.ts";
import { Readings } from "./view/readings.ts";
import { RecordingList } from "./view/recordings.ts";
import { SceneView } from "./view/scene.ts";

const goButton = element<HTMLButtonElement>("go");
const seedInput = element<HTMLInputElement>("seed");
const limitSelect = element<HTMLSelectElement>("limit");

async function main(): Promise<void> {
  let world = await makeWorld(Number(limitSelect.value));
  const server = await ServerStore.find();
  const keeper = new RecordingKeeper(new BrowserStore(), server, (status) => showStorage(status, server));
  const recordings = new RecordingList(keeper);

  let stale = true;
  const scene = new SceneView(element("scene"), () => (stale = true));
  const pixels = new PixelView(element("observation"), 96, 96);
  const readings = new Readings();

  const held = new Set<string>();
  const gamepad = new GamepadCommands();
  const drive = new Drive(
    world,
    (action) => {
      if (!gamepadToAction(action)) keysToAction(held, action);
    },
    {
      reset: () => scene.load(world.car.scene, world.car.view),
      stepped: () => scene.step(world.car.view),
      phase: (phase) => {
        stale = true;
        goButton.textContent = GO_LABELS[phase];
        if (phase === "finished" || phase === "ready" || phase === "paused")
          keeper.settled().then(() => recordings.refresh());
      },
      save: (name, text) => keeper.save(name, text),
    },
  );

  const begin = (seed: bigint) => {
    seedInput.value = String(seed);
    drive.begin(seed, world);
  };
  const commands: Record<Command, () => void> = {
    start: () => drive.start(),
    pause: () => (drive.phase === "paused" ? drive.start() : drive.pause()),
    restart: () => {
      begin(BigInt(drive.seed));
      drive.start();
    },
    next: () => begin(BigInt(drive.seed) + 1n),
  };
  const command = (name: Command) => commands[name]();

  listenToKeyboard(held, command);
  listenToTouch(document.querySelectorAll<HTMLElement>("[data-key]"), held);
  goButton.addEventListener("click", () =>
    command(drive.phase === "driving" || drive.phase === "countdown" ? "pause" : "start"),
  );
  element("restart").addEventListener("click", () => command("restart"));
  element("next").addEventListener("click", () => command("next"));
  element("controls").addEventListener("submit", (event) => {
    event.preventDefault(); // Enter in the field of the track
    seedInput.blur();
    begin(BigInt(seedInput.value));
  });
  seedInput.addEventListener("change", () => {
    if (seedInput.checkValidity()) begin(BigInt(seedInput.value));
  });
  limitSelect.addEventListener("change", async () => {
    drive.pause();
    const left = world;
    world = await makeWorld(Number(limitSelect.value));
    begin(BigInt(drive.seed));
    left.env.close();
  });
  // Whoever looks elsewhere is not driving; and what is hidden gets no frames.
  window.addEventListener("blur", () => drive.pause());
  document.addEventListener("visibilitychange", () => document.hidden && drive.pause());
  window.addEventListener("pagehide", () => drive.pause());
  window.addEventListener("beforeunload", (event) => keeper.holdsAny && event.preventDefault());
  element("view").addEventListener("click", () => drive.start());

  begin(BigInt(new URLSearchParams(location.search).get("seed")?.match(/^\d{1,18}$/)?.[0] ?? 0));
  for (const button of document.querySelectorAll<HTMLButtonElement>("#controls button"))
    button.disabled = false;

  const frame = (now: number) => {
    gamepad.poll(command);
    drive.frame(now);
    if (stale || drive.phase === "countdown" || drive.phase === "driving") {
      stale = false;
      scene.draw(drive.fraction, drive.approach);
      pixels.draw(drive.observation);
      readings.show(drive, world);
      showOverlay(drive, world);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

const GO_LABELS: Record<Phase, string> = {
  ready: "Start",
  countdown: "Pause",
  driving: "Pause",
  paused: "Drive on",
  finished: "Again",
};

function showStorage({ place, problem }: KeeperStatus, server: ServerStore | null): void {
  const line = element("storage");
  line.classList.toggle("problem", problem !== null);
  const where = {
    folder: `Recordings are saved in ${server?.folder}`,
    browser: problem
      ? `${problem}: drive on, recordings are kept in this browser and sent when the server takes them again.`
      : "Recordings are kept in this browser: download those you want elsewhere.",
    page: `${problem}: recordings are only in this page. Download them before you close it.`,
  };
  line.textContent = where[place][0].toUpperCase() + where[place].slice(1);
}

main().catch((error: Error) => {
  element("headline").textContent = "This page does not work here";
  element("detail").textContent = error.message;
});
