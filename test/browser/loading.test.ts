/** Tests of loading: the requests, the page meanwhile, and its message if it cannot work. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { driveOn, goTo, open, servePage, startDriving } from "./page.ts";
import { serveStatic } from "./static-host.ts";

/** Bytes, compressed, that may be loaded before the first drive. */
const BUDGET = 110_000;

describe.skipIf(!chromiumPath)("loading", () => {
  const fixture = servePage();

  test("a plain web host gets no request for a missing file, and the first drive needs under 110 kB", async () => {
    const host = await serveStatic(fixture.page, "/some/folder/");
    const tab = await (await fixture.browser.newContext()).newPage();
    const failed: string[] = [];
    const sizes: Promise<number>[] = [];
    tab.on("response", (response) => {
      if (!response.ok()) failed.push(response.url());
      sizes.push(
        response.body().then(
          (body) => gzipSync(body).length,
          () => 0,
        ),
      );
    });
    tab.on("requestfailed", (request) => failed.push(request.url()));
    await tab.goto(`${host.url}?seed=3`);
    await tab.locator("#go:enabled").waitFor();
    const loaded = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    await startDriving(tab);
    expect(failed).toEqual([]);
    expect(loaded).toBeLessThan(BUDGET);
    expect(loaded).toBeGreaterThan(30_000);
    await host.close();
  });

  test("while the page loads no screen is shown, then only the one of the address", async () => {
    const tab = await (await fixture.browser.newContext()).newPage();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await tab.route("**/assets/index-*.js", async (route) => {
      await held;
      await route.continue();
    });
    await tab.goto(`${fixture.server.url}#recordings`, { waitUntil: "commit" });
    await tab.getByText("Loading …", { exact: true }).first().waitFor();
    const shown = () =>
      tab.locator("main > section:visible").evaluateAll((all) => all.map((s) => s.className));
    expect(await shown()).toEqual([]);
    release();
    await tab.locator("#no-recordings").waitFor();
    expect(await shown()).toEqual(["recordings none"]);
    expect(await tab.locator("#loading").isVisible()).toBe(false);
  });

  test("a policy that forbids WebAssembly is named", async () => {
    const policy = { "content-security-policy": "script-src 'self'" };
    const host = await serveStatic(fixture.page, "/", policy);
    const tab = await (await fixture.browser.newContext()).newPage();
    await tab.goto(host.url);
    await tab
      .getByRole("alert")
      .getByText(
        "This page does not work here. WebAssembly is blocked. The web host's Content-Security-Policy must allow 'wasm-unsafe-eval' in script-src.",
        { exact: true },
      )
      .waitFor();
    await host.close();
  });

  test("a page that is opened as a file says what to do", async () => {
    const tab = await (await fixture.browser.newContext()).newPage();
    await tab.goto(pathToFileURL(join(fixture.page, "index.html")).href);
    await tab.getByText(/must come from a web server, not from a file\. Run “npx tritrack drive”/).waitFor();
    expect(await tab.locator("main > section:visible").count()).toBe(0);
  });

  test("once visited, the page opens and drives without a connection, and can be installed", async () => {
    const host = await serveStatic(fixture.page, "/some/folder/");
    const context = await fixture.browser.newContext();
    const tab = await context.newPage();
    await tab.goto(`${host.url}?seed=3`);
    await tab.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      if (active!.state !== "activated")
        await new Promise((done) => active!.addEventListener("statechange", done, { once: true }));
    });
    await host.close();
    await tab.reload();
    await tab.locator("#go:enabled").waitFor();
    await startDriving(tab);
    await driveOn(tab, 0.5);
    await goTo(tab, "Recordings");
    await tab.locator("#recording-table tbody tr").waitFor();
    const { errors } = await (await context.newCDPSession(tab)).send("Page.getAppManifest");
    expect(errors).toEqual([]);
  });

  test("answers of the server are compressed", async () => {
    const tab = await (await fixture.browser.newContext()).newPage();
    const encodings = new Set<string | undefined>();
    tab.on("response", (response) => {
      if (/\/index-.*\.(js|css)$/.test(response.url())) encodings.add(response.headers()["content-encoding"]);
    });
    await tab.goto(fixture.server.url);
    await tab.locator("#go:enabled").waitFor();
    expect([...encodings].every((encoding) => encoding === "br" || encoding === "gzip")).toBe(true);
    expect(encodings.size).toBeGreaterThan(0);
  });

  test("nothing that the page does breaks its own policy", async () => {
    const tab = await open(fixture, "?seed=3");
    const complaints: string[] = [];
    tab.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    for (const screen of ["Race", "Watch", "Recordings", "Drive"]) {
      await goTo(tab, screen);
      await tab.waitForTimeout(1000);
    }
    expect(complaints).toEqual([]);
  });
});
