/** Tests of the meaning of keys, gamepads and fields during a drive, whichever element has the focus. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "./chromium.ts";
import { chooseKeys, driveOn, eventually, open, recordings, servePage, startDriving } from "./page.ts";

describe.skipIf(!chromiumPath)("keys", () => {
  const fixture = servePage();

  /** Waits until a bar has this length; steering's goes from -0.5 to 0.5. */
  const bar = (tab: Page, id: string, length: number) =>
    tab.waitForFunction(
      ([id, length]) => document.getElementById(id)!.style.transform === `scaleX(${length})`,
      [id, length] as const,
    );
  const value = (tab: Page, id: string) => tab.locator(`#${id}`).inputValue();
  const focus = (tab: Page) => tab.evaluate(() => document.activeElement!.id);

  test("the brake key brakes while a closed list has the focus, and the list keeps its choice", async () => {
    const tab = await open(fixture, "?seed=3");
    await startDriving(tab);
    await tab.locator("#rules").focus();
    await tab.keyboard.down("ArrowDown");
    await bar(tab, "brake", 0.4);
    expect(await value(tab, "rules")).toBe("free");
    await driveOn(tab, 0.5); // the same episode goes on
    await tab.keyboard.up("ArrowDown");
    // Letters would look for a choice.
    await tab.locator("#keys").focus();
    await tab.keyboard.down("KeyS");
    await bar(tab, "brake", 0.4);
    expect(await value(tab, "keys")).toBe("gentle");
    await tab.locator("#keys").focus();
    await tab.keyboard.press("p");
    await tab.getByText("Paused", { exact: true }).waitFor();
  });

  test("a list that was opened with the mouse gives the keys back when it closes, whether or not it changed", async () => {
    const tab = await open(fixture, "?seed=3");
    await tab.locator("#rules").click(); // opens
    await tab.locator("#rules").click(); // and closes
    await tab.keyboard.press("Enter");
    await driveOn(tab, 0);
    expect(await value(tab, "rules")).toBe("free");
    await tab.keyboard.press("p");
    await tab.locator("#keys").click();
    await tab.keyboard.press("ArrowDown");
    await tab.keyboard.press("Enter");
    await expect.poll(() => value(tab, "keys")).toBe("scored");
    await expect.poll(() => focus(tab)).toBe("");
    await tab.keyboard.down("ArrowUp");
    await tab.keyboard.press("Enter");
    await bar(tab, "gas", 1);
  });

  test("a list that was reached with the Tab key is changed by arrow keys, and Enter starts", async () => {
    const tab = await open(fixture, "?seed=3");
    await tab.locator("#seed").focus();
    await tab.keyboard.press("Tab");
    expect(await focus(tab)).toBe("rules");
    await tab.keyboard.press("ArrowDown");
    expect(await value(tab, "rules")).toBe("scored");
    expect(await focus(tab)).toBe("rules");
    await tab.keyboard.press("Enter");
    await driveOn(tab, 0);
  });

  test("the number block drives and starts, and Space starts and pauses without scrolling", async () => {
    const tab = await open(fixture, "?seed=3", { viewport: { width: 700, height: 500 } });
    await tab.keyboard.press("NumpadEnter");
    await driveOn(tab, 0);
    await tab.keyboard.down("Numpad8");
    await bar(tab, "gas", 0.5);
    await tab.keyboard.down("Numpad4");
    await bar(tab, "steer", -0.125);
    await tab.evaluate(() => window.scrollTo(0, 0));
    await tab.keyboard.press("Space");
    await tab.getByText("Paused", { exact: true }).waitFor();
    expect(await tab.evaluate(() => scrollY)).toBe(0);
    await tab.keyboard.press("Space");
    await tab.getByText("Paused", { exact: true }).waitFor({ state: "hidden" });
    expect(await tab.evaluate(() => scrollY)).toBe(0);
  });

  test("a key without a code counts by its meaning, and an event without either does no harm", async () => {
    const tab = await open(fixture, "?seed=3");
    const send = (type: string, init: { key: string } | null) =>
      tab.evaluate(
        ([type, init]) =>
          window.dispatchEvent(init ? new KeyboardEvent(type, { ...init, bubbles: true }) : new Event(type)),
        [type, init] as const,
      );
    await send("keydown", null); // as browsers send it when they fill in a field
    await send("keydown", { key: "Enter" });
    await driveOn(tab, 0);
    await send("keydown", { key: "ArrowUp" });
    await bar(tab, "gas", 0.5);
    await send("keyup", { key: "ArrowUp" });
    await bar(tab, "gas", 0);
  });

  test("a key that comes up while Cmd is held is not stuck", async () => {
    const tab = await open(fixture, "?seed=3");
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    await bar(tab, "gas", 0.5);
    await tab.keyboard.down("Meta"); // macOS reports no keyup of other keys from here on
    await bar(tab, "gas", 0);
  });

  test("a tap that is shorter than a step drives one step", async () => {
    const tab = await open(fixture, "?seed=3");
    await startDriving(tab);
    await tab.evaluate(() => {
      for (const type of ["keydown", "keyup"])
        window.dispatchEvent(new KeyboardEvent(type, { code: "ArrowLeft", key: "ArrowLeft" }));
    });
    await driveOn(tab, 0.5);
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    const [{ actions, rewards }] = recordings(fixture);
    const steered = rewards.map((_, i) => actions[3 * i]).filter((steer) => steer !== 0);
    expect([...steered]).toEqual([-0.25]);
  });

  test("taps of the countdown are forgotten", async () => {
    const tab = await open(fixture, "?seed=3");
    await tab.keyboard.press("Enter");
    await tab.keyboard.press("ArrowLeft");
    await driveOn(tab, 0.3);
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    const [{ actions }] = recordings(fixture);
    expect(actions.every((value) => value === 0)).toBe(true);
  });

  test("after a click on Next track, Enter starts", async () => {
    const tab = await open(fixture, "?seed=3");
    await tab.locator("#next").click();
    await tab.getByText("Track 4", { exact: true }).waitFor();
    await tab.keyboard.press("Enter");
    await driveOn(tab, 0);
    expect(await value(tab, "seed")).toBe("4");
  });

  test("gentle or full keys are remembered, and the recording holds the actions driven", async () => {
    const tab = await open(fixture, "?seed=3");
    await chooseKeys(tab, "scored");
    await tab.reload();
    await tab.locator("#go:enabled").waitFor();
    expect(await value(tab, "keys")).toBe("scored");
    await startDriving(tab);
    await tab.keyboard.down("ArrowRight");
    await bar(tab, "steer", 0.5);
    await chooseKeys(tab, "gentle");
    await bar(tab, "steer", 0.125);
    await tab.keyboard.press("p");
    await eventually(() => expect(recordings(fixture)).toHaveLength(1));
    const [{ actions, rewards }] = recordings(fixture);
    expect(new Set(rewards.map((_, i) => actions[3 * i]))).toEqual(new Set([0, 1, 0.25]));
  });

  test.each(["", "-1", "7.5", "abc", "1234567890123456789"])(
    "the track number %j is explained beside its field, and changes nothing",
    async (text) => {
      const tab = await open(fixture, "?seed=3");
      await tab.locator("#seed").fill(text);
      await tab.keyboard.press("Enter");
      const got = text === "" ? "nothing" : `"${text}"`;
      await tab
        .getByRole("alert")
        .getByText(`Track: expected a whole number of up to 18 digits, got ${got}.`, { exact: true })
        .waitFor();
      await tab.getByText("Track 3", { exact: true }).waitFor();
      await tab.locator("#seed").fill("12");
      await tab.keyboard.press("Enter");
      await tab.getByText("Track 12", { exact: true }).waitFor();
      expect(await tab.locator("#seed-problem").innerText()).toBe("");
    },
  );

  test("a wrong track number in the address is explained too", async () => {
    const tab = await open(fixture, "?seed=seven");
    await tab
      .getByText('Track: expected a whole number of up to 18 digits, got "seven".', { exact: true })
      .waitFor();
  });

  /** Replaces the gamepads of the page by these. */
  const plugIn = (tab: Page, ...pads: { mapping: string; axes: number[]; buttons: number[] }[]) =>
    tab.evaluate((pads) => {
      const made = pads.map(({ mapping, axes, buttons }, index) => ({
        index,
        mapping,
        axes,
        connected: true,
        buttons: buttons.map((value) => ({ value, pressed: value > 0.5 })),
      }));
      navigator.getGamepads = () => made as unknown as Gamepad[];
    }, pads);
  const idle = { mapping: "standard", axes: [0, 0, 0, 0], buttons: Array<number>(17).fill(0) };

  test("an idle gamepad at index 0 does not keep another one, or the keys, from driving", async () => {
    const tab = await open(fixture, "?seed=3");
    await startDriving(tab);
    await plugIn(tab, idle, { ...idle, axes: [-0.55, 0, 0, 0] });
    await bar(tab, "steer", -0.25);
    await plugIn(tab, idle, idle);
    await tab.keyboard.down("ArrowUp");
    await bar(tab, "gas", 0.5);
  });

  test("a gamepad without the standard mapping drives", async () => {
    const tab = await open(fixture, "?seed=3");
    const other = { mapping: "", axes: [0, 0, 0, 0, 0, 0], buttons: Array<number>(11).fill(0) };
    await plugIn(tab, other); // its triggers report 0 until they are moved
    await startDriving(tab);
    await driveOn(tab, 0.2);
    expect(await tab.locator("#gas").evaluate((gas) => gas.style.transform)).toBe("scaleX(0)");
    await plugIn(tab, { ...other, axes: [0.55, 0, -1, 0, 0, -0.5] });
    await bar(tab, "steer", 0.25);
    await bar(tab, "gas", 0.25);
    await plugIn(tab, { ...other, axes: [0, 0, 1, 0, 0, -1] });
    await bar(tab, "brake", 1);
    await plugIn(tab, { ...other, buttons: other.buttons.map((_, i) => (i === 7 ? 1 : 0)) });
    await tab.getByText("Paused", { exact: true }).waitFor();
  });

  test("gamepads that the permissions policy forbids are ignored", async () => {
    const tab = await open(fixture, "?seed=3");
    await tab.evaluate(() => {
      navigator.getGamepads = () => {
        throw new DOMException(
          "Access to the feature gamepad is disallowed by permissions policy.",
          "SecurityError",
        );
      };
    });
    await startDriving(tab);
    await tab.keyboard.down("ArrowUp");
    await bar(tab, "gas", 0.5);
  });
});
