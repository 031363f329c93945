/**
 * Makes the README's pictures in docs/images: the 600×400 view in the middle of a lap beside the 96×96 frame that a
 * network sees, and the screens of the page in the system's Chromium.
 *
 *     npm run pictures [NETWORK.safetensors]
 *
 * NETWORK is the network to watch. Default: the first of the zoo.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { make } from "../env/index.ts";
import { TeacherPolicy } from "../policies/expert/teacher.ts";
import { FolderSink } from "../recordings/files/recording-folder.ts";
import { encodePng } from "../recordings/video/png.ts";
import { recordEpisodes } from "../src/episodes/record.ts";
import { startDriveServer } from "../src/web/server/server.ts";
import { buildPage, launch } from "../test/browser/chromium.ts";

const OUT = "docs/images";
const SEED = 3;

mkdirSync(OUT, { recursive: true });
await drawView();
await photographPage(process.argv[2]);

/** Draws view and frame side by side. */
async function drawView(): Promise<void> {
  const steps = 190;
  /** Pixels of the picture for each pixel of the frame. */
  const enlarged = 4;
  const gap = 16;
  const env = await make("CarRacing-v3", { renderMode: "rgb_array" });
  const policy = new TeacherPolicy();
  let { observation } = env.reset({ seed: SEED });
  policy.reset(env);
  for (let step = 0; step < steps; step++) observation = env.step(policy.act()).observation;
  const view = env.render()!;
  env.close();

  const side = 96 * enlarged;
  const width = view.width + gap + side;
  const { height } = view;
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let y = 0; y < height; y++) {
    data.set(view.data.subarray(y * view.width * 3, (y + 1) * view.width * 3), y * width * 3);
    const row = Math.floor((y - (height - side) / 2) / enlarged);
    if (row < 0 || row >= 96) continue;
    for (let x = 0; x < side; x++) {
      const from = (row * 96 + Math.floor(x / enlarged)) * 3;
      data.set(observation.subarray(from, from + 3), (y * width + view.width + gap + x) * 3);
    }
  }
  writeFileSync(join(OUT, "view.png"), encodePng({ width, height, data }));
}

/** Takes pictures of the screens drive, race, watch and recordings, each in the middle of its use. */
async function photographPage(network?: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "recordings-"));
  const driver = { kind: "expert", name: "teacher" } as const;
  const episodes = recordEpisodes({
    policy: new TeacherPolicy(),
    driver,
    seeds: [3, 6, 7],
    sink: new FolderSink(folder),
  });
  for await (const _ of episodes);
  const [page, browser] = await Promise.all([buildPage(), launch()]);
  const server = await startDriveServer({ folder, page });
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });
  const photograph = (name: string) => tab.screenshot({ path: join(OUT, `${name}.png`) });
  const goTo = async (screen: string) => {
    await tab.getByRole("navigation").getByRole("link", { name: screen }).click();
    await tab.mouse.move(0, 0); // no element is highlighted there
  };
  try {
    await tab.goto(`${server.url}?seed=${SEED}`);
    await tab.locator("#go:enabled").waitFor();
    await tab.keyboard.press("Enter");
    await hold(tab, ["ArrowUp"], 1.2);
    await hold(tab, ["ArrowLeft"], 1.5);
    await hold(tab, ["ArrowUp"], 1.7);
    await photograph("drive");
    await tab.keyboard.press("p");

    await goTo("Race");
    await tab.getByText("against beginner").first().waitFor();
    await tab.keyboard.press("Enter");
    await hold(tab, ["ArrowUp"], 0.7);
    await reach(tab, 1.5);
    await photograph("race");
    await tab.keyboard.press("p");

    if (network) await tab.locator("#network-file").setInputFiles(network);
    else await goTo("Watch");
    await tab.getByText(new RegExp(`^Track ${SEED}: `)).waitFor();
    await tab.keyboard.press("Enter");
    await reach(tab, 2.6);
    await hold(tab, ["ArrowUp"], 2.8); // makes a correction, which the screen lists
    await reach(tab, 4.5);
    await tab.keyboard.press("p");
    await photograph("watch");
    await tab.locator("#weights-title").scrollIntoViewIfNeeded();
    await tab.locator("#layer").selectOption("2.0");
    await tab.locator(".weights").screenshot({ path: join(OUT, "weights.png") });

    await goTo("Recordings");
    await tab.locator("#recording-table tbody tr").first().waitFor();
    await tab.locator("[data-label='Off road']").getByText("…").first().waitFor({ state: "detached" });
    await photograph("recordings");
  } finally {
    await browser.close();
    await server.close();
    for (const made of [folder, page]) rmSync(made, { recursive: true });
  }
}

/** Waits for a moment of the episode. @param seconds simulated */
async function reach(tab: Page, seconds: number): Promise<void> {
  await tab.waitForFunction(
    (t) => Number.parseFloat(document.getElementById("time")!.textContent) > t,
    seconds,
  );
}

/** Holds keys until a moment of the episode. @param until simulated seconds */
async function hold(tab: Page, keys: readonly string[], until: number): Promise<void> {
  for (const key of keys) await tab.keyboard.down(key);
  await reach(tab, until);
  for (const key of keys) await tab.keyboard.up(key);
}
