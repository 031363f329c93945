/**
 * Cost of the page while it draws, at 1280×800: for each screen the frames a second, the late frames, and the CPU time
 * of all of Chromium's processes in percent of one core (DevTools' SystemInfo). The reference in the same run is a page
 * that only moves a square on a canvas of the same size: no page can do better on this machine and browser. Headless
 * Chromium draws without a graphics card, so a person's browser takes less.
 *
 *     npm run bench:page -- [--seconds 10]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CDPSession, Page } from "playwright-core";
import { startDriveServer } from "../src/web/server/server.ts";
import { buildPage, launch } from "../test/browser/chromium.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "10" } } });

const MOVING_SQUARE = `<canvas id="c" width="900" height="600"></canvas><script>
  const context = c.getContext("2d", { alpha: false });
  requestAnimationFrame(function draw(now) {
    context.fillStyle = "green";
    context.fillRect(0, 0, 900, 600);
    context.fillStyle = "red";
    context.fillRect((now / 5) % 900, 300, 40, 40);
    requestAnimationFrame(draw);
  });
</script>`;

const folder = mkdtempSync(join(tmpdir(), "tritrack-page-"));
const [page, browser] = await Promise.all([buildPage(), launch()]);
const server = await startDriveServer({ folder, page });
const devtools = await browser.newBrowserCDPSession();
for (const screen of ["moving square", "drive", "race", "watch"]) {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  if (screen === "moving square") await tab.setContent(MOVING_SQUARE);
  else await start(tab, screen);
  // At 60 frames a second a frame is late after 25 ms, half a frame's time past the moment it was due.
  await tab.evaluate(`window.frameCount = window.late = 0;
    let last = performance.now();
    requestAnimationFrame(function count(now) {
      frameCount++;
      if (now - last > 25) late++;
      last = now;
      requestAnimationFrame(count);
    })`);
  const before = await read(tab, devtools);
  await tab.waitForTimeout(1000 * Number(values.seconds));
  const after = await read(tab, devtools);
  const seconds = after.time - before.time;
  const frames = ((after.frames - before.frames) / seconds).toFixed(1);
  const late = after.late - before.late;
  const cpu = ((100 * (after.cpu - before.cpu)) / seconds).toFixed(1);
  console.log(`${screen}: ${frames} frames/s, ${late} late, ${cpu} % of a core`);
  await tab.close();
}
await browser.close();
await server.close();
for (const made of [folder, page]) rmSync(made, { recursive: true });

/** Opens a screen and sets its car in motion. */
async function start(tab: Page, screen: string): Promise<void> {
  await tab.goto(`${server.url}?seed=3#${screen}`);
  await tab.getByText(/to (start|play)$/).waitFor();
  await tab.keyboard.press("Enter");
  await tab.waitForTimeout(4000); // the countdown
  if (screen === "watch") return;
  await tab.keyboard.down("ArrowUp");
  await tab.waitForTimeout(500);
  await tab.keyboard.up("ArrowUp");
}

/** Seconds, frames shown and late, and CPU seconds of all processes, so far. */
async function read(tab: Page, devtools: CDPSession) {
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  const [frames, late] = (await tab.evaluate("[frameCount, late]")) as [number, number];
  return {
    time: performance.now() / 1000,
    frames,
    late,
    cpu: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
  };
}
