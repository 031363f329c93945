/** Watching a network in a real browser: it drives as in Node, shows its insides, is changed and corrected. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { carArchitecture } from "../../policies/ternary/network.ts";
import { TernaryPolicy } from "../../policies/ternary/policy.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { makeRecordedEnv, verify } from "../../recordings/player.ts";
import { framesOfRecording } from "../../src/data/recorded-frames.ts";
import { evaluate } from "../../src/episodes/evaluate.ts";
import { startDriveServer } from "../../src/web/server/server.ts";
import { chromiumPath } from "./chromium.ts";
import { eventually, open, recordings, servePage } from "./page.ts";

const SHIPPED = fileURLToPath(new URL("../../policies/zoo/car-90.safetensors", import.meta.url));

describe.skipIf(!chromiumPath)("watching", () => {
  const fixture = servePage();
  let folder: string;
  let file: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tritrack-networks-"));
    file = join(folder, "net.safetensors");
    writeFileSync(file, writeNetwork(randomNetwork(carArchitecture, 90, 6)));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A tab in which a network file has been dropped on the page. */
  async function openNetwork(address: string, path = file): Promise<Page> {
    const tab = await open(fixture, address);
    await drop(tab, path);
    await tab.locator("#network-facts").getByText("weights are 0").waitFor();
    await tab.getByText("Press Enter to play").waitFor();
    return tab;
  }

  /** The outputs shown: steer, gas, brake. */
  async function outputs(tab: Page): Promise<string[]> {
    return Promise.all(["steer", "gas", "brake"].map((name) => tab.locator(`#value-${name}`).innerText()));
  }

  test("a network drives an episode with the reward it has in Node, to the last bit", async () => {
    const path = existsSync(SHIPPED) ? SHIPPED : file;
    const policy = await TernaryPolicy.create(readNetwork(readFileSync(path)));
    const { rewards, laps } = await evaluate(policy, { seeds: [20001] });
    const tab = await openNetwork("?seed=20001", path);
    await tab.locator("#speed").selectOption("8");
    await tab.locator("#go").click();
    const reward = tab.locator("#reward[title]:not([title=''])");
    await reward.waitFor({ timeout: 120_000 });
    expect(Number(await reward.getAttribute("title"))).toBe(rewards[0]);
    await tab.getByText(laps === 1 ? /^Lap finished/ : /^(Time limit reached|Out of bounds)/).waitFor();
    if (path === SHIPPED) expect(laps).toBe(1);
  });

  test("the networks of the command line are there, the first of them at the wheel", async () => {
    await fixture.server.close();
    const { folder, page } = fixture;
    fixture.server = await startDriveServer({ folder, page, networks: [file] });
    const tab = await open(fixture, "?seed=4#watch");
    await tab.getByText("Track 4: net", { exact: true }).waitFor();
    expect(await tab.locator("#network option").allInnerTexts()).toContain("net");
  });

  test("stepping back and on again shows the same", async () => {
    const tab = await openNetwork("?seed=4");
    for (let i = 0; i < 3; i++) await tab.keyboard.press(".");
    await tab.locator("#timeline-text").getByText("0.06 of 0.06 s").waitFor();
    const there = await outputs(tab);
    await tab.keyboard.press(".");
    // The slider follows with the next frame of the display; from there it goes back.
    await tab.locator("#timeline-text").getByText("0.08 of 0.08 s").waitFor();
    await tab.locator("#timeline").press("ArrowLeft");
    await tab.locator("#timeline-text").getByText("0.06 of 0.08 s").waitFor();
    await expect.poll(() => outputs(tab)).toEqual(there);
    await tab.locator("#timeline").press("Home");
    await tab.locator("#timeline-text").getByText("0.00 of 0.08 s").waitFor();
    expect(await tab.locator("#reward").textContent()).toBe("0.0");
  });

  test("a click on a weight swaps it; it can be taken back, and the changed network saved", async () => {
    const tab = await openNetwork("?seed=4");
    const text = tab.locator("#swap-text");
    const before = await outputs(tab);
    await tab.locator("#layer").selectOption("fc2");
    await tab.locator("#board canvas").click();
    await text.getByText(/^Swap 1, unit 1 of fc2: .1 → 0 and 0 → .1/).waitFor();
    const [saved] = await Promise.all([
      tab.waitForEvent("download"),
      tab.getByRole("button", { name: "Save network" }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe("net-1-swapped.safetensors");
    const original = readNetwork(readFileSync(file)).weights;
    const changed = readNetwork(readFileSync(await saved.path())).weights;
    const differences = (name: string) => original[name].filter((w, i) => w !== changed[name][i]).length;
    expect(Object.keys(original).map(differences)).toEqual([0, 0, 0, 2]);

    // The same by keyboard, on another layer.
    await tab.locator("#layer").selectOption("1.0");
    await tab.locator("#board").focus();
    await tab.keyboard.press("ArrowRight");
    await tab.locator("#cell-text").getByText("At input 1, row 1, column 2").waitFor();
    await tab.keyboard.press("Enter");
    await text.getByText(/^Swap 2, unit 1 of 1\.0/).waitFor();
    const undo = tab.getByRole("button", { name: "Undo swap" });
    await undo.click();
    await undo.click();
    expect(await undo.isDisabled()).toBe(true);
    await expect.poll(() => outputs(tab)).toEqual(before);
  });

  test("a person who holds a key corrects the network, and the corrected steps are recorded to learn from", async () => {
    const tab = await openNetwork("?seed=4");
    await tab.keyboard.press("Enter");
    await tab.keyboard.down("ArrowUp");
    await tab.getByText("You drive").waitFor();
    await tab.waitForTimeout(600);
    await tab.keyboard.up("ArrowUp");
    await tab.locator("#hands").waitFor({ state: "hidden" });
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    const [episode] = recordings(fixture);
    expect(episode.driver).toMatchObject({ kind: "policy", name: "net" });
    const corrected = episode.corrections!.reduce((sum, [first, end]) => sum + end - first, 0);
    expect(corrected).toBeGreaterThan(5);
    expect(corrected).toBeLessThan(episode.rewards.length);
    const env = await makeRecordedEnv<Uint8Array, Float32Array>(episode);
    verify(episode, env);
    const { targets } = framesOfRecording(episode, env);
    env.close();
    expect([...targets].filter((_, i) => i % 3 === 1).every((gas) => gas === 0.5)).toBe(true);
  });

  test("feature maps and kernels are drawn, and a click on one enlarges its unit", async () => {
    const tab = await openNetwork("?seed=4");
    const colours = (id: string) =>
      tab.locator(`#${id}`).evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
    expect(await colours("map-1")).toBeGreaterThan(20);
    expect(await colours("map-2")).toBeGreaterThan(20);
    expect(await colours("kernels")).toBe(4); // -1, 0, +1 and the gaps
    const box = (await tab.locator("#map-2").boundingBox())!;
    await tab.locator("#map-2").click({ position: { x: box.width - 3, y: box.height - 3 } });
    expect(await tab.locator("#layer").inputValue()).toBe("2.0");
    expect(await tab.locator("#unit").inputValue()).toBe("64");
  });

  test("a broken file, or a network that does not drive, is reported, and the present network drives on", async () => {
    const tab = await openNetwork("?seed=4");
    await tab.keyboard.press("Enter");
    const broken = join(folder, "broken.safetensors");
    writeFileSync(broken, "no network");
    await drop(tab, broken);
    await tab
      .getByRole("alert")
      .getByText(/broken.*safetensors header/)
      .waitFor();
    const time = () => tab.locator("#time").innerText();
    const before = await time();
    await expect.poll(time).not.toBe(before);
  });
});

/** Drops a file on the page, as from the desktop. */
async function drop(tab: Page, path: string): Promise<void> {
  const contents = readFileSync(path).toString("base64");
  const name = path.split("/").at(-1)!;
  const transfer = await tab.evaluateHandle(
    ([name, contents]) => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(contents), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    [name, contents] as const,
  );
  await tab.dispatchEvent("body", "drop", { dataTransfer: transfer });
}
