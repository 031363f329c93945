/**
 * Tests of `tritrack drive` in a real browser, driven by simulated keys. They check the page that a person would see and
 * the recordings in the folder, which Node replays.
 */
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CarRacing } from "../../env/index.ts";
import { makeRecordedEnv, replay, verify } from "../../recordings/player.ts";
import { startDriveServer } from "../../src/web/server/server.ts";
import { chromiumPath } from "./chromium.ts";
import { chooseKeys, driveOn, eventually, open, recordings, servePage, startDriving } from "./page.ts";

/** Column of the front left wheel's joint angle in `bodyState()`. */
const JOINT_ANGLE = 6 + 8;

describe.skipIf(!chromiumPath)("driving", () => {
  const fixture = servePage();

  test("arrow keys steer: bar and wheels turn, and Node replays the recording to the same hash", async () => {
    const tab = await open(fixture, "?seed=3");
    await chooseKeys(tab, "scored");
    await startDriving(tab);
    await tab.keyboard.down("ArrowLeft");
    await tab.waitForFunction(() => document.getElementById("steer")!.style.transform === "scaleX(-0.5)");
    await tab.keyboard.down("ArrowUp"); // both held
    await driveOn(tab, 1.5);
    await tab.keyboard.up("ArrowLeft");
    await driveOn(tab, 2);
    await tab.keyboard.up("ArrowUp");
    await tab.keyboard.press("p");
    await tab.getByText("Paused", { exact: true }).waitFor();

    await eventually(() => expect(recordings(fixture)[0].rewards.length).toBeGreaterThan(100));
    const [episode] = recordings(fixture);
    expect(episode).toMatchObject({ end: "interrupted", seed: 3, driver: { kind: "human" } });
    const pressed = (steer: number, gas: number) =>
      episode.rewards.some((_, i) => episode.actions[3 * i] === steer && episode.actions[3 * i + 1] === gas);
    expect(pressed(-1, 1)).toBe(true);
    expect(pressed(0, 1)).toBe(true);

    const env = await makeRecordedEnv(episode);
    const car = env.unwrapped as CarRacing;
    let sharpest = 0;
    for (const _ of replay(episode, env)) sharpest = Math.max(sharpest, car.bodyState()[JOINT_ANGLE]);
    expect(sharpest).toBeGreaterThan(0.35);
    env.close();
  });

  test("an episode that ends by itself is saved as ended", async () => {
    const tab = await open(fixture, "?seed=6");
    await chooseKeys(tab, "scored");
    await tab.locator("#driver").fill("Ada");
    await tab.keyboard.press("Enter");
    await startDriving(tab);
    await tab.keyboard.down("KeyW"); // on this track full gas leads straight out of bounds
    await tab.getByText("Out of bounds", { exact: true }).waitFor({ timeout: 60_000 });
    await tab.locator("#saved").getByText(`Saved in ${fixture.folder}.`).waitFor();
    await eventually(() => expect(recordings(fixture)[0].end).toBe("terminated"));
    const [episode] = recordings(fixture);
    expect(episode.rewards.at(-1)).toBe(-100);
    expect(episode.driver).toEqual({ kind: "human", name: "Ada" });
    const env = await makeRecordedEnv(episode);
    verify(episode, env);
    env.close();
    await tab.getByRole("link", { name: "All recordings" }).click();
    await tab.locator("#recording-table tbody tr").waitFor();
    await expect(tab.locator("#recording-table tbody tr").textContent()).resolves.toMatch(/Ada/);
  });

  test("the server goes away while driving: the page says so, drives on, and delivers when it is back", async () => {
    const tab = await open(fixture);
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    const { folder, page, server } = fixture;
    const port = Number(new URL(server.url).port);
    await server.close();
    rmSync(folder, { recursive: true });
    await tab
      .locator("#storage-problem")
      .getByText(/saved in this browser and go to .* as soon as possible: the server does not answer/)
      .waitFor();
    await driveOn(tab, 3);
    await tab.keyboard.press("p");

    fixture.server = await startDriveServer({ folder, page, port });
    await eventually(() => expect(recordings(fixture)[0].rewards.length).toBeGreaterThan(150));
    await tab.locator("#storage-problem").waitFor({ state: "hidden" });
  });

  test("a restart keeps the episode driven before", async () => {
    const tab = await open(fixture);
    await startDriving(tab);
    await driveOn(tab, 0.5);
    await tab.keyboard.press("r");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    await driveOn(tab, 0);
    await tab.keyboard.press("n");
    await eventually(() => expect(recordings(fixture)).toHaveLength(2));
    await tab.getByText("Track 1", { exact: true }).waitFor();
  });

  test("keys do nothing before the start, in a field, or with a modifier", async () => {
    const tab = await open(fixture);
    await tab.keyboard.down("ArrowUp");
    await tab.waitForTimeout(300);
    expect(await tab.locator("#time").textContent()).toBe("0.00 s");
    await tab.keyboard.up("ArrowUp");
    await tab.locator("#seed").fill("");
    await tab.keyboard.type("123");
    await tab.keyboard.press("Enter"); // takes the track, does not start it
    await tab.getByText("Track 123", { exact: true }).waitFor();
    await tab.keyboard.press("Control+p");
    expect(await tab.locator("#go").textContent()).toBe("Start");
  });

  test("on a phone nothing is wider than the screen, and the pads drive", async () => {
    const tab = await open(fixture, "", {
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 3,
      hasTouch: true,
      isMobile: true,
    });
    expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const canvas = tab.locator("#scene");
    expect(await canvas.getAttribute("width")).toBe(String(3 * (await canvas.boundingBox())!.width));
    await tab.locator("#go").tap();
    await driveOn(tab, 0);
    await tab.getByLabel("Gas").hover();
    await tab.mouse.down();
    await tab.waitForFunction(() => document.getElementById("gas")!.style.transform === "scaleX(0.5)");
    // The finger slides up for more, and down for less.
    const box = (await tab.getByLabel("Gas").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await tab.mouse.move(x, y - 100);
    await tab.waitForFunction(() => document.getElementById("gas")!.style.transform === "scaleX(1)");
    await tab.mouse.move(x, y + 20);
    await tab.waitForFunction(() => document.getElementById("gas")!.style.transform === "scaleX(0.25)");
    await tab.mouse.up();
    await tab.waitForFunction(() => document.getElementById("gas")!.style.transform === "scaleX(0)");
  });

  test("a gamepad steers and brakes by degrees, and keys drive while it is at rest", async () => {
    const tab = await open(fixture);
    await tab.evaluate(() => {
      const buttons = Array.from({ length: 17 }, () => ({ pressed: false, value: 0 }));
      const pad = { connected: true, mapping: "standard", axes: [0.05, 0, 0, 0], buttons };
      Object.assign(window, { pad });
      navigator.getGamepads = () => [pad as unknown as Gamepad];
    });
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    await tab.waitForFunction(() => document.getElementById("gas")!.style.transform === "scaleX(0.5)");
    await tab.evaluate(() => {
      const { pad } = window as unknown as { pad: { axes: number[]; buttons: { value: number }[] } };
      pad.axes[0] = 0.55;
      pad.buttons[6].value = 0.25;
    });
    await tab.waitForFunction(
      () =>
        document.getElementById("steer")!.style.transform === "scaleX(0.25)" &&
        document.getElementById("brake")!.style.transform === "scaleX(0.25)",
    );
  });
});
