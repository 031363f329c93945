/** Racing in a real browser: both cars are on the track, and finished laps are kept for this machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TeacherPolicy } from "../../policies/expert/teacher.ts";
import { formatEpisode } from "../../recordings/episode.ts";
import { recordEpisodes } from "../../src/episodes/record.ts";
import { chromiumPath } from "./chromium.ts";
import { chooseKeys, driveOn, goTo, open, servePage } from "./page.ts";

describe.skipIf(!chromiumPath)("racing", () => {
  const fixture = servePage();

  test("the beginner drives beside, and the gap tells how far ahead it is", async () => {
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
    const other = await open(fixture, "?seed=6#race"); // nothing is remembered there
    await other.locator("#rules").selectOption("scored");
    expect(await other.locator("#laps tbody tr").innerText()).toBe(row);
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
