/** Tests of the layout: the car is in sight on every screen, wide windows are used, and axe-core finds no fault. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { driveOn, eventually, goTo, open, recordings, servePage, startDriving } from "./page.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENS = ["Drive", "Race", "Watch", "Recordings"];

const PHONE = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const SIZES: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ["desktop", { viewport: { width: 1280, height: 800 } }],
  ["wide screen", { viewport: { width: 2560, height: 1300 } }],
  ["200 % zoom", { viewport: { width: 640, height: 400 } }],
  ["phone", { ...PHONE, viewport: { width: 390, height: 844 } }],
  ["phone held sideways", { ...PHONE, viewport: { width: 844, height: 390 } }],
];

describe.skipIf(!chromiumPath)("layout", () => {
  const fixture = servePage();

  /** Something to list, and the stage at its start. */
  async function openFull(options: BrowserContextOptions): Promise<Page> {
    const tab = await open(fixture, "?seed=2", options);
    await startDriving(tab);
    await driveOn(tab, 0.3);
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    return tab;
  }

  for (const [size, options] of SIZES)
    test.each(["dark", "light"] as const)(
      `axe-core finds nothing on a ${size}, %s theme`,
      async (colorScheme) => {
        const tab = await openFull({ ...options, colorScheme });
        await tab.evaluate(AXE);
        for (const screen of SCREENS) {
          await goTo(tab, screen);
          await tab.waitForTimeout(700);
          if (screen === "Recordings") await tab.locator("#recording-table tbody tr").waitFor();
          if (screen === "Drive" || screen === "Race") await tab.locator("summary").click(); // unfolds the keys
          const violations = await tab.evaluate(async () => {
            const { axe } = window as unknown as { axe: typeof import("axe-core") };
            const { violations } = await axe.run();
            return violations.map(
              ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 90)).join(" | ")}`,
            );
          });
          expect(violations, screen).toEqual([]);
          if (screen === "Drive" || screen === "Race") await tab.locator("summary").click();
        }
      },
    );

  test.each(SIZES)(
    "on a %s the whole view is in sight while one drives, and nothing is wider than the window",
    async (_size, options) => {
      const tab = await open(fixture, "?seed=2", options);
      const { width, height } = options.viewport!;
      for (const screen of ["Drive", "Race"]) {
        await goTo(tab, screen);
        await tab
          .locator("#overlay")
          .getByText(/^Track 2/)
          .waitFor();
        await tab.evaluate(() => window.scrollTo(0, 1e4)); // as if a person had looked at something further down
        await tab.keyboard.press("Enter");
        await driveOn(tab, 0);
        const parts = options.hasTouch ? ["#view", "[data-control=left]", "[data-control=gas]"] : ["#view"];
        for (const part of parts) {
          const box = (await tab.locator(part).boundingBox())!;
          expect(box.y, `${screen} ${part}`).toBeGreaterThanOrEqual(-1);
          expect(box.y + box.height, `${screen} ${part}`).toBeLessThanOrEqual(height + 1);
          expect(box.x + box.width, `${screen} ${part}`).toBeLessThanOrEqual(width + 1);
        }
        expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        await tab.keyboard.press("p");
      }
    },
  );

  test("on a wide screen the view is as high as the window allows, and the controls stand under it", async () => {
    const tab = await open(fixture, "?seed=2", { viewport: { width: 2560, height: 1300 } });
    const box = async (part: string) => (await tab.locator(part).boundingBox())!;
    const view = await box("#view");
    expect(view.width).toBeGreaterThan(1500);
    for (const part of ["#go", ".settings"]) expect((await box(part)).x).toBeCloseTo(view.x, 0);
    expect((await box("#observation")).y).toBeCloseTo(view.y, 0);
  });

  test("with reduced motion the car is in view at once, without a flight towards it", async () => {
    const zoomOf = async (reducedMotion: "reduce" | "no-preference") => {
      const tab = await open(fixture, "?seed=2", { reducedMotion });
      // The map hides while the view shows the whole track.
      const isNear = await tab.locator("#map").isVisible();
      await tab.close();
      return isNear;
    };
    expect(await zoomOf("no-preference")).toBe(false);
    await expect.poll(() => zoomOf("reduce")).toBe(true);
  });
});
