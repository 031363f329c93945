/** Recordings in a real browser: the list and all that can be done with it, with a server and without one. */
import { readdirSync, readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { parseEpisode } from "../../recordings/episode.ts";
import { makeRecordedEnv, verify } from "../../recordings/player.ts";
import { chromiumPath } from "./chromium.ts";
import { driveOn, eventually, goTo, open, recordings, servePage, startDriving } from "./page.ts";
import { SmallDisk } from "./small-disk.ts";
import { serveStatic } from "./static-host.ts";

describe.skipIf(!chromiumPath)("recordings", () => {
  const fixture = servePage();
  const rows = (tab: Page) => tab.locator("#recording-table tbody tr");

  /** A tab on the list, in which something has been driven for a second. */
  async function driven(address = "?seed=6"): Promise<Page> {
    const tab = await open(fixture, address);
    await driveASecond(tab);
    return tab;
  }
  async function driveASecond(tab: Page): Promise<void> {
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    await tab.keyboard.down("ArrowRight");
    await driveOn(tab, 1);
    for (const key of ["ArrowUp", "ArrowRight"]) await tab.keyboard.up(key);
    await goTo(tab, "Recordings");
    await rows(tab).first().waitFor();
  }

  test("an interrupted episode is listed with its quality, marked as interrupted, and watched as it was driven", async () => {
    const tab = await driven();
    const row = rows(tab).first();
    expect(await row.locator(".badge").innerText()).toBe("interrupted");
    await row.getByText(/^\d\.\d s \(\d+ %\)$/).waitFor();
    const reward = await row.locator("[data-label=Reward]").innerText();
    await row.getByRole("button", { name: /^Watch/ }).click();
    await tab.getByText(/Replayed exactly as recorded/).waitFor();
    expect(await tab.locator("#reward").innerText()).toBe(reward);
    // Back to its middle.
    await tab.locator("#timeline").press("Home");
    await tab
      .locator("#timeline-text")
      .getByText(/^0\.00 of/)
      .waitFor();
    expect(recordings(fixture)).toHaveLength(1); // an episode that is watched is not recorded again
  });

  test("a recording is renamed, deleted, and brought back", async () => {
    const tab = await driven();
    const files = () => readdirSync(fixture.folder);
    await rows(tab)
      .getByRole("button", { name: /^Rename/ })
      .click();
    await tab.keyboard.type("my best lap");
    await tab.keyboard.press("Enter");
    await rows(tab).getByText("my-best-lap").waitFor();
    expect(files()).toEqual(["my-best-lap.episode.json"]);

    await rows(tab)
      .getByRole("button", { name: /^Rename/ })
      .click();
    await tab.keyboard.type("../evil");
    await tab.keyboard.press("Enter");
    await tab
      .getByRole("alert")
      .getByText(/up to 120 letters/)
      .waitFor();
    await tab.keyboard.press("Escape");

    await rows(tab)
      .getByRole("button", { name: /^Delete/ })
      .click();
    await tab.locator("#no-recordings").waitFor();
    expect(files()).toEqual([]);
    await tab.getByRole("button", { name: "Undo", exact: true }).click();
    await rows(tab).getByText("my-best-lap").waitFor();
    expect(files()).toEqual(["my-best-lap.episode.json"]);
  });

  test("the disk runs full: the page says so, drives on, loses nothing, and saves it once there is room", async (context) => {
    const disk = await SmallDisk.serve(fixture.folder, fixture.page);
    if (!disk) return context.skip("neither namespaces nor prlimit are there");
    try {
      const tab = await open({ browser: fixture.browser, server: disk });
      await startDriving(tab);
      await driveOn(tab, 1);
      await eventually(() => expect(disk.files().size).toBe(1));
      disk.fill();
      await tab
        .locator("#storage-problem")
        .getByText(/You can drive on. Recordings are saved in this browser.*the disk/)
        .waitFor();
      const [[file, before]] = disk.files();
      await driveOn(tab, 4);
      await goTo(tab, "Recordings");
      await rows(tab).getByText("in this browser").waitFor();
      // The recording saved before is whole, and nothing half-written lies beside it.
      expect([...disk.files()]).toEqual([[file, before]]);
      expect(parseEpisode(before).rewards.length).toBeLessThan(4 * 50);

      disk.free();
      await tab.locator("#storage-problem").waitFor({ state: "hidden" });
      const [[, after]] = disk.files();
      expect(disk.files().size).toBe(1);
      const episode = parseEpisode(after);
      expect(episode.rewards.length).toBeGreaterThan(4 * 50);
      const env = await makeRecordedEnv(episode);
      verify(episode, env);
      env.close();
    } finally {
      await disk.close();
    }
  });

  test("as static files in a subfolder it keeps recordings in the browser, to download and take in", async () => {
    const host = await serveStatic(fixture.page, "/some/folder/");
    try {
      const tab = await open({ browser: fixture.browser, server: host }, "?seed=0");
      await tab.evaluate(() => {
        navigator.storage.persist = async () => {
          document.body.dataset.asked = "yes";
          return true;
        };
      });
      await driveASecond(tab);
      // The browser is asked to keep recordings even when space is short.
      expect(await tab.locator("body").getAttribute("data-asked")).toBe("yes");
      await tab.reload(); // it is in storage, not in memory
      await rows(tab).first().waitFor();
      const [one] = await Promise.all([
        tab.waitForEvent("download"),
        rows(tab)
          .getByRole("button", { name: /^Download/ })
          .click(),
      ]);
      expect(one.suggestedFilename()).toMatch(/-seed-0\.episode\.json$/);
      const text = readFileSync(await one.path(), "utf8");
      const episode = parseEpisode(text);
      expect(episode.rewards.length).toBeGreaterThan(50);
      const env = await makeRecordedEnv(episode);
      verify(episode, env);
      env.close();
      const [all] = await Promise.all([
        tab.waitForEvent("download"),
        tab.getByRole("button", { name: "Download all" }).click(),
      ]);
      const zip = readFileSync(await all.path());
      expect(Object.keys(unzipSync(zip))).toEqual([one.suggestedFilename()]);

      await rows(tab)
        .getByRole("button", { name: /^Delete/ })
        .click();
      await tab.locator("#no-recordings").waitFor();
      const file = (name: string, contents: string | Buffer) => ({
        name,
        mimeType: "",
        buffer: Buffer.from(contents),
      });
      await tab
        .locator("#upload")
        .setInputFiles([
          file("broken.episode.json", "{}"),
          file("old.episode.json", text.replace('"version": 1', '"version": 0')),
          file("all.zip", zip),
        ]);
      await tab
        .getByRole("alert")
        .getByText(/broken.*expected "format"/)
        .waitFor();
      await tab
        .getByRole("alert")
        .getByText(/old: version: expected a whole number from 1/)
        .waitFor();
      await rows(tab).first().waitFor();
      expect(await rows(tab).count()).toBe(1);
      expect(await rows(tab).getAttribute("data-name")).toBe(
        one.suggestedFilename().replace(".episode.json", ""),
      );
      await goTo(tab, "Watch"); // networks come without a server too
      await tab.getByText("Press Enter to play").waitFor();
    } finally {
      host.close();
    }
  });
});
