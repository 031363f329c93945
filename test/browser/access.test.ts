/** Tests that everybody can use the page: by keyboard alone, with readable contrast, on a narrow phone. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { driveOn, eventually, goTo, open, recordings, servePage, startDriving } from "./page.ts";

const SCREENS = ["Drive", "Race", "Watch", "Recordings"];

describe.skipIf(!chromiumPath)("access", () => {
  const fixture = servePage();

  /** Goes to a screen and waits until it is complete. */
  async function show(tab: Page, screen: string): Promise<void> {
    await goTo(tab, screen);
    const sign = { Drive: /^Track \d+$/, Race: /, against /, Watch: /Press Enter to play/ }[screen];
    if (sign) await tab.locator("#overlay").getByText(sign).first().waitFor();
  }

  /** Something to list, so that every screen is full. */
  async function openFull(options = {}): Promise<Page> {
    const tab = await open(fixture, "?seed=2", options);
    await startDriving(tab);
    await driveOn(tab, 0.5);
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    await tab.keyboard.press("n");
    return tab;
  }

  test("the Tab key reaches everything in the order of the page, and each shows its focus and has a name", async () => {
    const tab = await openFull();
    const expected: Record<string, RegExp> = {
      Drive: /go restart next seed rules keys driver Keys and gamepad$/,
      Race: /go restart next seed opponent rules keys driver Keys and gamepad$/,
      Watch:
        /go step restart next timeline seed keys speed source network network-file layer unit save-network board$/,
      Recordings: /filter order upload download-all {1,2}Watch Race Rename Download Delete$/,
    };
    for (const screen of SCREENS) {
      await show(tab, screen);
      if (screen === "Recordings") await tab.locator("#recording-table tbody tr").waitFor();
      await tab.evaluate(() => (document.activeElement as HTMLElement)?.blur());
      const reached: string[] = [];
      for (let i = 0; i < 40; i++) {
        await tab.keyboard.press("Tab");
        const stop = await tab.evaluate(focused);
        if (!stop) break;
        expect(stop.outline, `${stop.name} shows its focus`).toBeGreaterThanOrEqual(2);
        expect(stop.label, `${stop.name} has a name`).not.toBe("");
        reached.push(stop.name);
      }
      const names = reached.join(" ").replace(/^Drive Race Watch Recordings theme /, "");
      expect(names, screen).toMatch(expected[screen]);
    }
  });

  test("every screen works without a mouse: drive, race, watch, recordings", async () => {
    const tab = await open(fixture, "?seed=2");
    const press = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        await tab.keyboard.press("Tab");
        const at = await tab.evaluate(
          () => document.activeElement!.id || document.activeElement!.textContent,
        );
        if (at === name) return tab.keyboard.press("Enter");
      }
      throw new Error(`Tab never reached ${name}`);
    };
    await press("next");
    await tab.getByText("Track 3", { exact: true }).waitFor();
    await press("Watch");
    await tab.getByText(/^Track 3: /).waitFor();
    await press("step");
    await tab.locator("#timeline-text").getByText("0.02 of 0.02 s").waitFor();
    await press("Recordings");
    await tab.locator("#no-recordings").waitFor();
    await press("Race");
    await tab.getByText("Track 3, against beginner").waitFor();
    await tab.keyboard.press("Enter"); // the focus is still on the link to this very screen, so Enter starts
    await driveOn(tab, 0);
  });

  test.each(["dark", "light"] as const)(
    "text on every %s screen has a contrast of at least 4.5:1",
    async (colorScheme) => {
      const tab = await openFull({ colorScheme });
      for (const screen of SCREENS) {
        await show(tab, screen);
        expect(await tab.evaluate(poorContrast), screen).toEqual([]);
      }
    },
  );

  test("on a phone of 360 pixels nothing is wider than the screen", async () => {
    const tab = await openFull({
      viewport: { width: 360, height: 740 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
    });
    for (const screen of SCREENS) {
      await goTo(tab, screen);
      await tab.waitForTimeout(300);
      expect(await tab.evaluate(() => document.documentElement.scrollWidth), screen).toBe(360);
    }
  });

  test("the theme is chosen with a button, and kept", async () => {
    const tab = await open(fixture, "", { colorScheme: "light" });
    const background = () => tab.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await tab.getByRole("button", { name: "Theme: system" }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await tab.reload();
    await tab.getByRole("button", { name: "Theme: dark" }).waitFor();
    expect(await background()).toBe(dark);
  });
});

/** Runs in the page. @returns the element that has the focus, or null if that is the page itself */
function focused() {
  const element = document.activeElement as HTMLElement;
  if (!element || element === document.body) return null;
  const shown = element.closest(".button") ?? element;
  const labels = (element as HTMLInputElement).labels;
  const label = element.ariaLabel ?? labels?.[0]?.textContent ?? element.textContent ?? "";
  const named = element.getAttribute("aria-labelledby");
  return {
    name: element.id || element.textContent!.trim(),
    label: (named ? document.getElementById(named)!.textContent! : label).trim(),
    outline: Number.parseFloat(getComputedStyle(shown).outlineWidth),
  };
}

/** Runs in the page. @returns visible texts whose colour is too near to their background's (WCAG 2.2, 1.4.3) */
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
      (e) =>
        e.checkVisibility() &&
        !(e as HTMLButtonElement).disabled &&
        [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent!.trim()),
    )
    .filter((e) => {
      const [light, dark] = [luminance(parse(getComputedStyle(e).color)), luminance(backdrop(e))].sort(
        (a, b) => b - a,
      );
      return (light + 0.05) / (dark + 0.05) < 4.5;
    })
    .map((e) => e.textContent!.trim());
}
