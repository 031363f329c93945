/**
 * `tritrack drive` in a real browser, driven by simulated keys: what a person would see, and what is in the folder
 * afterwards, replayed by Node.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CarRacing } from "../../env/index.ts";
import { type Episode, parseEpisode } from "../../recordings/episode.ts";
import { makeRecordedEnv, replay, verify } from "../../recordings/player.ts";
import { type DriveServer, startDriveServer } from "../../src/web/server/server.ts";
import { buildPage, chromiumPath, launch } from "./chromium.ts";

/** Column of the front left wheel's joint angle in `bodyState()`. */
const JOINT_ANGLE = 6 + 8;

describe.skipIf(!chromiumPath)("the page of tritrack drive", () => {
  let page: string;
  let browser: Browser;
  let folder: string;
  let server: DriveServer;

  beforeAll(async () => {
    [page, browser] = await Promise.all([buildPage(), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(page, { recursive: true });
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tritrack-drive-"));
    server = await startDriveServer({ folder, page });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** A fresh browser profile on the page, which has loaded; any error of the page fails the test that opened it. */
  async function open(url = server.url, options: BrowserContextOptions = {}): Promise<Page> {
    const tab = await (await browser.newContext(options)).newPage();
    tab.on("pageerror", (error) => {
      throw error;
    });
    await tab.goto(url);
    await tab.locator("#go:enabled").waitFor();
    return tab;
  }

  async function startDriving(tab: Page): Promise<void> {
    await tab.keyboard.press("Enter");
    await driveOn(tab, 0);
  }

  /** Waits until the car has been driven for more than `seconds` of simulated time. */
  async function driveOn(tab: Page, seconds: number): Promise<void> {
    await tab.waitForFunction(
      (t) => Number.parseFloat(document.getElementById("time")!.textContent) > t,
      seconds,
    );
  }

  function recordings(): Episode[] {
    return readdirSync(folder).map((name) => parseEpisode(readFileSync(join(folder, name), "utf8"), name));
  }

  async function eventually(check: () => void): Promise<void> {
    await expect.poll(() => attempt(check), { timeout: 20_000, interval: 100 }).toBe(null);
  }

  test("arrow keys steer: bar and wheels turn, and Node replays the recording to the same hash", async () => {
    const tab = await open(`${server.url}?seed=3`);
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

    await eventually(() => expect(recordings()[0].rewards.length).toBeGreaterThan(100));
    const [episode] = recordings();
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
    const tab = await open(`${server.url}?seed=6`);
    await startDriving(tab);
    await tab.keyboard.down("KeyW"); // on this track full gas leads straight off the field
    await tab.getByText("Off the field", { exact: true }).waitFor({ timeout: 60_000 });
    await eventually(() => expect(recordings()[0].end).toBe("terminated"));
    const [episode] = recordings();
    expect(episode.rewards.at(-1)).toBe(-100);
    const env = await makeRecordedEnv(episode);
    verify(episode, env);
    env.close();
    await tab.locator("#recordings tbody tr").waitFor();
    await expect(tab.locator("#recordings tbody tr").textContent()).resolves.toMatch(/human/);
  });

  test("the server goes away while driving: the page says so, drives on, and delivers when it is back", async () => {
    const tab = await open();
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    const port = Number(new URL(server.url).port);
    await server.close();
    rmSync(folder, { recursive: true });
    await tab.locator("#storage.problem").waitFor();
    expect(await tab.locator("#storage").textContent()).toMatch(/kept in this browser.*does not answer/);
    await driveOn(tab, 3);
    await tab.keyboard.press("p");

    server = await startDriveServer({ folder, page, port });
    await eventually(() => expect(recordings()[0].rewards.length).toBeGreaterThan(150));
    await tab.locator("#storage:not(.problem)").waitFor();
  });

  test("a recording is replayed in the page, and comes out as it was driven", async () => {
    const tab = await open(`${server.url}?seed=6`);
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    await tab.keyboard.down("ArrowRight");
    await driveOn(tab, 1);
    await tab.keyboard.press("p");
    const reward = await tab.locator("#reward").textContent();
    await tab.getByRole("button", { name: /^Replay/ }).click();
    await tab.getByText(/It replayed exactly as recorded/).waitFor();
    expect(await tab.locator("#reward").textContent()).toBe(reward);
    await tab.keyboard.press("n");
    await tab.getByText("Track 6", { exact: true }).waitFor();
    expect(recordings()).toHaveLength(1); // a replay is not recorded
  });

  test("a restart keeps what was driven before", async () => {
    const tab = await open();
    await startDriving(tab);
    await driveOn(tab, 0.5);
    await tab.keyboard.press("r");
    await eventually(() => expect(recordings()).toHaveLength(1));
    await driveOn(tab, 0);
    await tab.keyboard.press("n");
    await eventually(() => expect(recordings()).toHaveLength(2));
    await tab.getByText("Track 1", { exact: true }).waitFor();
  });

  test("keys do nothing before the start, in a field, or with a modifier", async () => {
    const tab = await open();
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

  test("buttons are reached and pressed by keyboard alone", async () => {
    const tab = await open();
    const reached: string[] = [];
    for (let i = 0; i < 5; i++) {
      await tab.keyboard.press("Tab");
      reached.push(await tab.evaluate(() => document.activeElement!.id));
    }
    expect(reached).toEqual(["go", "restart", "next", "seed", "limit"]);
    for (let i = 0; i < 2; i++) await tab.keyboard.press("Shift+Tab");
    await tab.keyboard.press("Enter");
    await tab.getByText("Track 1", { exact: true }).waitFor();
    expect(await tab.locator("#go").textContent()).toBe("Start");
  });

  test("on a phone nothing is wider than the screen, and the pads drive", async () => {
    const tab = await open(server.url, {
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
    await tab.waitForFunction(() => document.getElementById("gas")!.style.transform === "scaleX(1)");
  });

  test("a gamepad steers and brakes by degrees, and keys drive while it is at rest", async () => {
    const tab = await open();
    await tab.evaluate(() => {
      const buttons = Array.from({ length: 17 }, () => ({ pressed: false, value: 0 }));
      const pad = { connected: true, mapping: "standard", axes: [0.05, 0, 0, 0], buttons };
      Object.assign(window, { pad });
      navigator.getGamepads = () => [pad as unknown as Gamepad];
    });
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    await tab.waitForFunction(() => document.getElementById("gas")!.style.transform === "scaleX(1)");
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

  test("text has a contrast of at least 4.5:1", async () => {
    const tab = await open();
    expect(await tab.evaluate(poorContrast)).toEqual([]);
  });

  test("as static files in a subfolder it keeps recordings in the browser, to download", async () => {
    const host = await serveStatic(page, "/some/folder/");
    try {
      const tab = await open(host.url);
      await startDriving(tab);
      await tab.keyboard.down("ArrowUp");
      await driveOn(tab, 1.2);
      await tab.keyboard.press("p");
      await tab.locator("#recordings tbody tr").waitFor();
      await tab.reload(); // it is in storage, not in memory
      const [download] = await Promise.all([
        tab.waitForEvent("download"),
        tab.getByRole("button", { name: /^Download/ }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/-seed-0\.episode\.json$/);
      const episode = parseEpisode(readFileSync(await download.path(), "utf8"));
      expect(episode.rewards.length).toBeGreaterThan(50);
      const env = await makeRecordedEnv(episode);
      verify(episode, env);
      env.close();

      const messages: string[] = [];
      tab.on("dialog", (dialog) => {
        messages.push(dialog.message());
        return dialog.accept();
      });
      await tab.getByRole("button", { name: /^Delete/ }).click();
      await tab.locator("#recordings").waitFor({ state: "hidden" });

      const good = {
        name: download.suggestedFilename(),
        mimeType: "",
        buffer: readFileSync(await download.path()),
      };
      const broken = { name: "broken.episode.json", mimeType: "", buffer: Buffer.from("{}") };
      await tab.locator("#upload").setInputFiles([broken, good]);
      await tab.locator("#recordings tbody tr").waitFor();
      expect(messages.at(-1)).toMatch(/broken\.episode\.json/);
      expect(await tab.locator("#recordings tbody tr").count()).toBe(1);
    } finally {
      host.server.close();
      host.server.closeAllConnections();
    }
  });
});

function attempt(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A web host that knows nothing of recordings: files under `prefix`, and 404 for everything else. */
async function serveStatic(root: string, prefix: string): Promise<{ server: Server; url: string }> {
  const types: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css" };
  const server = createServer((request, response) => {
    const path = request.url === prefix ? "index.html" : request.url!.slice(prefix.length);
    try {
      if (!request.url!.startsWith(prefix)) throw new Error("not here");
      const contents = readFileSync(join(root, path));
      response.writeHead(200, {
        "content-type": types[path.split(".").at(-1)!] ?? "application/octet-stream",
      });
      response.end(contents);
    } catch {
      response.writeHead(404).end("not found");
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}` };
}

/** Runs in the page: visible texts whose colour is too near to what they stand on (WCAG 2.2, 1.4.3). */
function poorContrast(): string[] {
  const parse = (color: string) => color.match(/[\d.]+/g)!.map(Number);
  const luminance = (color: number[]) => {
    const [r, g, b] = color.map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backdrop = (element: Element | null): number[] => {
    if (!element) return [255, 255, 255];
    const [r, g, b, alpha = 1] = parse(getComputedStyle(element).backgroundColor);
    if (alpha === 1) return [r, g, b];
    const behind = backdrop(element.parentElement);
    return [r, g, b].map((v, i) => alpha * v + (1 - alpha) * behind[i]);
  };
  return [...document.querySelectorAll<HTMLElement>("body *")]
    .filter(
      (e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent!.trim()),
    )
    .filter((e) => {
      const [light, dark] = [luminance(parse(getComputedStyle(e).color)), luminance(backdrop(e))].sort(
        (a, b) => b - a,
      );
      return (light + 0.05) / (dark + 0.05) < 4.5;
    })
    .map((e) => e.textContent!.trim());
}
