/** Recordings when the server freezes, the browser blocks storage, tabs compete, or other machines drive. */
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { startDriveServer } from "../../src/web/server/server.ts";
import { chromiumPath } from "./chromium.ts";
import { driveOn, eventually, goTo, open, recordings, servePage, startDriving } from "./page.ts";

describe.skipIf(!chromiumPath)("storage", () => {
  const fixture = servePage();

  /** Steps of the recordings in the browser at this moment. */
  const keptInBrowser = (tab: Page) =>
    tab.evaluate(
      () =>
        new Promise<number[]>((done) => {
          const opening = indexedDB.open("tritrack", 1);
          opening.onsuccess = () => {
            const reading = opening.result.transaction("recordings").objectStore("recordings").getAll();
            reading.onsuccess = () =>
              done(reading.result.map((text: string) => JSON.parse(text).steps as number));
          };
        }),
    );

  test("a server that freezes costs nothing: every second is in the browser, and the view does not move", async () => {
    const tab = await open(fixture, "?seed=3");
    await startDriving(tab);
    // The server takes requests from here on and never answers.
    await tab.route("**/api/**", () => {});
    const view = await tab.locator("#view").boundingBox();
    await driveOn(tab, 3.2);
    const [steps] = await keptInBrowser(tab);
    expect(steps).toBeGreaterThanOrEqual(150);
    await tab
      .locator("#storage-problem")
      .getByText(/the server does not answer/)
      .waitFor();
    expect(await tab.locator("#view").boundingBox()).toEqual(view);
    await tab.keyboard.press("p");
    await tab.unroute("**/api/**");
    await tab.locator("#storage-problem").waitFor({ state: "hidden" });
    expect(recordings(fixture)[0].rewards.length).toBeGreaterThanOrEqual(150);
    await expect.poll(() => keptInBrowser(tab)).toEqual([]);
  });

  test("a browser that blocks cookies and storage drives, and the server has the recordings", async () => {
    const context = await fixture.browser.newContext();
    // Like Firefox with cookies blocked, reading the property throws.
    await context.addInitScript(() => {
      for (const name of ["indexedDB", "localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("The operation is insecure.", "SecurityError");
          },
        });
    });
    const tab = await context.newPage();
    const errors: Error[] = [];
    tab.on("pageerror", (error) => errors.push(error));
    await tab.goto(`${fixture.server.url}?seed=3`);
    await tab.locator("#go:enabled").waitFor();
    await startDriving(tab);
    await driveOn(tab, 0.5);
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    await goTo(tab, "Recordings");
    await tab.locator("#recording-table tbody tr").waitFor();
    expect(errors).toEqual([]);
  });

  test("two tabs that start in the same millisecond keep both recordings", async () => {
    const context = await fixture.browser.newContext();
    await context.addInitScript(() => {
      const RealDate = Date;
      window.Date = class extends RealDate {
        constructor() {
          super(1_800_000_000_000);
        }
      } as DateConstructor;
    });
    for (let i = 0; i < 2; i++) {
      const tab = await context.newPage();
      await tab.goto(`${fixture.server.url}?seed=3`);
      await tab.locator("#go:enabled").waitFor();
      await startDriving(tab);
      await driveOn(tab, 0.2);
      await tab.keyboard.press("p");
      await eventually(() => expect(recordings(fixture)).toHaveLength(i + 1));
    }
    for (const name of readdirSync(fixture.folder))
      expect(name).toMatch(/^20270115-080000-000-\w{4}-seed-3\./);
  });

  test("several recordings are selected, deleted at once, and brought back", async () => {
    const tab = await open(fixture, "?seed=3");
    for (const key of ["Enter", "r", "r"]) {
      await tab.keyboard.press(key);
      await tab.waitForFunction(() => document.getElementById("time")!.textContent === "0.00 s");
      await driveOn(tab, 0.2);
    }
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(3));
    await goTo(tab, "Recordings");
    const rows = tab.locator("#recording-table tbody tr");
    await expect.poll(() => rows.count()).toBe(3);
    await tab.locator("#totals").getByText("3 recordings, 0 laps, 0.0 minutes.").waitFor();
    for (const i of [0, 2]) await rows.nth(i).getByRole("checkbox").check();
    await tab.getByRole("button", { name: "Delete 2 selected" }).click();
    await expect.poll(() => rows.count()).toBe(1);
    expect(recordings(fixture)).toHaveLength(1);
    await tab.getByRole("button", { name: "Undo", exact: true }).click();
    await expect.poll(() => rows.count()).toBe(3);
    expect(recordings(fixture)).toHaveLength(3);
    await tab.locator("#filter").fill("nobody");
    await expect.poll(() => rows.count()).toBe(0);
    await tab.locator("#filter").fill("Track 3 interrupted");
    await expect.poll(() => rows.count()).toBe(3);
  });

  test("on a server for other machines the printed address can save, and without its token the page says why it cannot", async () => {
    await fixture.server.close();
    const { folder, page } = fixture;
    fixture.server = await startDriveServer({ folder, page, host: "0.0.0.0" });
    const { url } = fixture.server;
    const tab = await open(fixture, "&seed=3");
    expect(tab.url()).not.toContain("token");
    await startDriving(tab);
    await driveOn(tab, 0.3);
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));

    const stranger = await (await fixture.browser.newContext()).newPage();
    await stranger.goto(url.replace(/\?.*/, "?seed=3"));
    await stranger.locator("#go:enabled").waitFor();
    await startDriving(stranger);
    await stranger
      .locator("#storage-problem")
      .getByText(/writing needs the token; open the address that tritrack drive printed/)
      .waitFor();
    expect(recordings(fixture)).toHaveLength(1);
  });

  test("no page of another site may frame the page", async () => {
    const other = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(`<iframe src="${fixture.server.url}"></iframe>`);
    });
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const tab = await (await fixture.browser.newContext()).newPage();
    await tab.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    await tab.waitForTimeout(1000);
    expect(await tab.frames()[1].locator("#go").count()).toBe(0);
    other.close();
    other.closeAllConnections();
  });
});
