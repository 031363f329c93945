/**
 * What the page costs while it draws: `npx tsx bench/page.ts`. For each screen, over ten seconds at 1280×800, frames a
 * second and the CPU time of all of Chromium's processes, in percent of one core (DevTools' SystemInfo). Headless
 * Chromium draws without a graphics card, so this is more than a person's browser takes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { startDriveServer } from "../src/web/server/server.ts";
import { buildPage, launch } from "../test/browser/chromium.ts";

const SECONDS = 10;

const folder = mkdtempSync(join(tmpdir(), "tritrack-page-"));
const [page, browser] = await Promise.all([buildPage(), launch()]);
const server = await startDriveServer({ folder, page });
const devtools = await browser.newBrowserCDPSession();
for (const screen of ["drive", "race", "watch"]) {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await tab.goto(`${server.url}?seed=3#${screen}`);
  await tab.getByText(/to (start|play)$/).waitFor();
  await tab.evaluate(`window.frameCount = 0;
    requestAnimationFrame(function count() { frameCount++; requestAnimationFrame(count); })`);
  await tab.keyboard.press("Enter");
  await tab.waitForTimeout(4000); // the countdown
  if (screen !== "watch") {
    await tab.keyboard.down("ArrowUp"); // rolls then
    await tab.waitForTimeout(500);
    await tab.keyboard.up("ArrowUp");
  }
  const before = await read(tab, devtools);
  await tab.waitForTimeout(1000 * SECONDS);
  const after = await read(tab, devtools);
  const seconds = after.time - before.time;
  const frames = ((after.frames - before.frames) / seconds).toFixed(1);
  const cpu = ((100 * (after.cpu - before.cpu)) / seconds).toFixed(1);
  console.log(`${screen}: ${frames} frames/s, ${cpu} % of a core`);
  await tab.close();
}
await browser.close();
await server.close();
for (const made of [folder, page]) rmSync(made, { recursive: true });

/** Seconds, frames shown, and CPU seconds of all processes, so far. */
async function read(tab: Page, devtools: CDPSession) {
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  return {
    time: performance.now() / 1000,
    frames: Number(await tab.evaluate("frameCount")),
    cpu: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
  };
}
