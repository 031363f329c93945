/** Racing in a real browser: both cars are on the track, and finished laps are kept for this machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { type Episode, formatEpisode } from "../../recordings/episode.ts";
import { recordEpisodes } from "../../src/episodes/record.ts";
import { chromiumPath } from "./chromium.ts";
import { chooseKeys, driveOn, goTo, open, servePage } from "./page.ts";

/** The teacher's scored lap of a track. */
async function lapOfTeacher(seed: number): Promise<Episode> {
  const driver = { kind: "expert", name: "teacher" } as const;
  for await (const episode of recordEpisodes({ policy: new TeacherPolicy(), driver, seeds: [seed] }))
    return episode;
  throw new Error("nothing was driven");
}

/** Plugs in a gamepad that is held so that each step drives the next of these actions. */
async function holdGamepad(tab: Page, actions: Episode["actions"]): Promise<void> {
  await tab.evaluate(
    (actions) => {
      let step = -2; // the page looks once more when it first sees a pad
      const at = (k: number) => actions[3 * step + k] ?? 0;
      const trigger = (k: number) => ({
        pressed: false,
        get value() {
          return at(k);
        },
      });
      const none = { pressed: false, value: 0 };
      const pad = {
        index: 0,
        connected: true,
        mapping: "standard",
        buttons: Array.from({ length: 17 }, (_, i) => (i === 6 ? trigger(2) : i === 7 ? trigger(1) : none)),
        // The page reads this once a step. Adding the dead zone of a tenth undoes its removal.
        get axes() {
          step++;
          const steer = at(0);
          return [Math.sign(steer) * (0.9 * Math.abs(steer) + (steer === 0 ? 0 : 0.1)), 0, 0, 0];
        },
      };
      navigator.getGamepads = () => [pad as unknown as Gamepad];
    },
    [...actions],
  );
}

describe.skipIf(!chromiumPath)("racing", () => {
  const fixture = servePage();

  test("the beginner drives along, and the gap shows how far ahead it is", async () => {
    const tab = await open(fixture, "?seed=3#race");
    await tab.getByText("Track 3, against beginner").waitFor();
    await tab.keyboard.press("Enter");
    await driveOn(tab, 2); // standing at the start
    await tab
      .locator("#gap")
      .getByText(/^\+[12]\.\d\d s$/)
      .waitFor();
    const blue = await tab.locator("#map").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4)
        if (data[i] < 80 && data[i + 2] > 180 && data[i + 3] === 255) count++;
      return count;
    });
    expect(blue).toBeGreaterThan(5);
    await tab.keyboard.press("p");
    await tab.getByText("Paused", { exact: true }).waitFor();
  });

  test("a ghost's lap is on the board once it is raced to its end, in this browser and in any other", async () => {
    const policy = new TeacherPolicy();
    const driver = { kind: "expert", name: "teacher" } as const;
    for await (const episode of recordEpisodes({ policy, driver, seeds: [6] }))
      writeFileSync(join(fixture.folder, "lap-6.episode.json"), formatEpisode(episode));
    const tab = await open(fixture, "#recordings");
    await tab.getByRole("button", { name: "Race lap-6" }).click();
    await tab.getByText("Track 6, against teacher, lap-6").waitFor();
    await tab.getByText("Nobody has finished a lap on this track").waitFor();
    await chooseKeys(tab, "scored");
    await tab.keyboard.press("Enter");
    await driveOn(tab, 0);
    await tab.keyboard.down("ArrowUp"); // on this track full gas leads straight out of bounds
    await tab.getByText("You lose", { exact: true }).waitFor({ timeout: 60_000 });
    await tab.locator("#laps tbody tr").waitFor();
    const row = await tab.locator("#laps tbody tr").innerText();
    expect(row).toMatch(/1\.\s+teacher, lap-6\s+\d+\.\d\s+\d+\.\d\d s\s+\d{4}-\d\d-\d\d/);
    expect(await tab.locator("#laps tbody tr.newest").count()).toBe(0); // it is not the person's lap
    // The page saves the lap while it shows it; another page reads the board once, when it opens.
    const saved = async () =>
      (await (await fetch(new URL("api/laps", fixture.server.url))).json()).laps.length;
    await expect.poll(saved, { timeout: 30_000 }).toBe(1);
    const other = await open(fixture, "?seed=6#race"); // nothing is remembered there
    await other.locator("#rules").selectOption("scored");
    expect(await other.locator("#laps tbody tr").innerText()).toBe(row);
  });

  test("the person's lap is highlighted among those by the same rules, until another episode begins", async () => {
    const lap = { seed: "6", steps: 500, reward: 950, when: "2026-11-23" };
    const laps = [
      { ...lap, driver: "free driver", scored: false },
      { ...lap, driver: "scored driver", scored: true },
    ];
    writeFileSync(join(fixture.folder, "laps.json"), JSON.stringify(laps));
    const tab = await open(fixture, "?seed=6#race");
    const drivers = () => tab.locator("#laps tbody [data-label=Driver]").allInnerTexts();
    await expect.poll(drivers).toEqual(["free driver"]);
    await tab.locator("#rules").selectOption("scored");
    await expect.poll(drivers).toEqual(["scored driver"]);
    await tab.locator("#laps-title").getByText("Best laps on track 6, rules as scored").waitFor();

    await tab.locator("#driver").fill("Ada");
    await tab.keyboard.press("Enter"); // gives the keys back
    await tab.locator("#opponent").selectOption("teacher");
    await tab.getByText("Track 6, against teacher").waitFor();
    const teacher = await lapOfTeacher(6);
    await holdGamepad(tab, teacher.actions);
    await tab.keyboard.press("Enter");
    // The same actions give the same lap, to the last bit.
    await tab.getByText("A tie", { exact: true }).waitFor({ timeout: 60_000 });
    const reward = tab.locator("#reward[title]:not([title=''])");
    expect(Number(await reward.getAttribute("title"))).toBe(teacher.rewards.reduce((sum, r) => sum + r, 0));
    await expect.poll(drivers).toEqual(["scored driver", "teacher", "Ada"]);
    expect(await tab.locator("#laps tbody tr.newest [data-label=Driver]").allInnerTexts()).toEqual(["Ada"]);
    await tab.keyboard.press("r");
    await expect.poll(() => tab.locator("#laps tbody tr.newest").count()).toBe(0);
  });

  test("experts plan in a worker, and in the page where it cannot be loaded", async () => {
    const tab = await open(fixture, "?seed=3#race");
    await expect.poll(() => tab.workers().length).toBe(1);
    await tab.locator("#opponent").selectOption("expert");
    await tab.keyboard.press("Enter");
    await driveOn(tab, 1);
    await tab.locator("#gap").getByText(/^\+/).waitFor();

    const blocked = await (await fixture.browser.newContext({ serviceWorkers: "block" })).newPage();
    await blocked.route("**/expert-worker-*.js", (route) => route.abort());
    await blocked.goto(`${fixture.server.url}?seed=3#race`);
    await blocked.getByText("Track 3, against beginner").waitFor();
    await blocked.keyboard.press("Enter");
    await driveOn(blocked, 1);
    await blocked.locator("#gap").getByText(/^\+/).waitFor();
  });

  test("a network file that is opened can be raced", async () => {
    const { carArchitecture } = await import("../../policies/ternary/network.ts");
    const { randomNetwork } = await import("../../policies/ternary/random.ts");
    const { writeNetwork } = await import("../../policies/ternary/safetensors.ts");
    const folder = mkdtempSync(join(tmpdir(), "tritrack-network-"));
    writeFileSync(join(folder, "mine.safetensors"), writeNetwork(randomNetwork(carArchitecture, 95, 2)));
    const tab = await open(fixture, "?seed=3#watch");
    await tab.locator("#network-file").setInputFiles(join(folder, "mine.safetensors"));
    await tab.getByText("Track 3: mine").waitFor();
    await goTo(tab, "Race");
    await tab.locator("#opponent").selectOption({ label: "mine" });
    await tab.getByText("Track 3, against mine").waitFor();
    rmSync(folder, { recursive: true });
  });
});
