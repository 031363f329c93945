/** Shared by the tests of the page: the built page, a server with a folder of its own, and tabs on it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type Episode, parseEpisode } from "../../recordings/episode.ts";
import { type DriveServer, startDriveServer } from "../../src/web/server/server.ts";
import { buildPage, launch } from "./chromium.ts";

export interface Fixture {
  /** Folder of the built page. */
  page: string;
  browser: Browser;
  /** Folder in which the server keeps recordings; folder and server are new for each test. */
  folder: string;
  server: DriveServer;
}

/** A fixture to make within a `describe`: it is filled in before each test. */
export function servePage(): Fixture {
  const fixture = {} as Fixture;
  beforeAll(async () => {
    [fixture.page, fixture.browser] = await Promise.all([buildPage(), launch()]);
  });
  afterAll(async () => {
    await fixture.browser?.close();
    rmSync(fixture.page, { recursive: true });
  });
  beforeEach(async () => {
    fixture.folder = mkdtempSync(join(tmpdir(), "tritrack-drive-"));
    fixture.server = await startDriveServer({ folder: fixture.folder, page: fixture.page });
  });
  afterEach(async () => {
    for (const context of fixture.browser.contexts()) await context.close();
    await fixture.server.close();
    rmSync(fixture.folder, { recursive: true, force: true });
  });
  return fixture;
}

/**
 * A fresh browser profile on the page, which has loaded; any error of the page fails the test that opened it.
 * @param address end of the address, after the server's: `?seed=3#watch`
 */
export async function open(
  { browser, server }: { browser: Browser; server: { url: string } },
  address = "",
  options: BrowserContextOptions = {},
): Promise<Page> {
  const tab = await (await browser.newContext(options)).newPage();
  tab.on("pageerror", (error) => {
    throw error;
  });
  await tab.goto(server.url + address);
  await tab.locator("#go:enabled").waitFor({ state: "attached" });
  return tab;
}

/** Chooses the strength of keys. */
export async function chooseKeys(tab: Page, style: "gentle" | "scored"): Promise<void> {
  await tab.locator("#keys").selectOption(style);
}

export async function goTo(tab: Page, screen: string): Promise<void> {
  await tab.getByRole("navigation").getByRole("link", { name: screen }).click();
}

export async function startDriving(tab: Page): Promise<void> {
  await tab.keyboard.press("Enter");
  await driveOn(tab, 0);
}

/** Waits until the car has been driven for more than `seconds` of simulated time. */
export async function driveOn(tab: Page, seconds: number): Promise<void> {
  await tab.waitForFunction(
    (t) => Number.parseFloat(document.getElementById("time")!.textContent) > t,
    seconds,
  );
}

/** Recordings in the server's folder. */
export function recordings({ folder }: Fixture): Episode[] {
  return readdirSync(folder).map((name) => parseEpisode(readFileSync(join(folder, name), "utf8"), name));
}

/** Repeats the check until it holds. */
export async function eventually(check: () => void): Promise<void> {
  const attempt = () => {
    try {
      check();
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };
  await expect.poll(attempt, { timeout: 20_000, interval: 100 }).toBe(null);
}
