/** Tests that no recording is lost and no older text wins when the server or the browser's store fails. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type KeeperStatus, RecordingKeeper } from "../../src/web/page/storage/keeper.ts";
import type { Listed, RecordingStore } from "../../src/web/shared/recordings.ts";

/** A store in memory that a test can make fail. */
class MemoryStore implements RecordingStore {
  readonly texts = new Map<string, string>();
  failure: string | null = null;

  async list(): Promise<Listed[]> {
    this.#check();
    return [...this.texts.keys()].map((name) => ({ name, error: "not looked into" }));
  }
  async read(name: string): Promise<string> {
    this.#check();
    return this.texts.get(name)!;
  }
  async write(name: string, text: string): Promise<void> {
    await Promise.resolve(); // the answer is never there at once
    this.#check();
    this.texts.set(name, text);
  }
  async remove(name: string): Promise<void> {
    this.#check();
    this.texts.delete(name);
  }
  #check(): void {
    if (this.failure) throw new Error(this.failure);
  }
}

let browser: MemoryStore;
let server: MemoryStore;
let statuses: KeeperStatus[];

beforeEach(() => {
  vi.useFakeTimers();
  browser = new MemoryStore();
  server = new MemoryStore();
  statuses = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const keep = (to: RecordingStore | null = server) =>
  new RecordingKeeper(browser, to, (status) => statuses.push(status));

test("with a server, recordings go there and nowhere else", async () => {
  const keeper = keep();
  keeper.save("a", "1");
  keeper.save("a", "2");
  await keeper.settled();
  expect(server.texts).toEqual(new Map([["a", "2"]]));
  expect(browser.texts.size).toBe(0);
  expect(statuses.at(-1)).toEqual({ place: "folder", problem: null });
});

test("without a server they stay in the browser, which is no problem", async () => {
  const keeper = keep(null);
  keeper.save("a", "1");
  await keeper.settled();
  expect(browser.texts).toEqual(new Map([["a", "1"]]));
  expect(statuses).toEqual([{ place: "browser", problem: null }]);
});

test("a server that fails is tried again until it takes the recordings that the browser kept", async () => {
  server.failure = "the disk is full";
  const keeper = keep();
  keeper.save("a", "1");
  keeper.save("b", "1");
  await keeper.settled();
  expect([...browser.texts.keys()]).toEqual(["a", "b"]);
  expect(statuses.at(-1)).toEqual({ place: "browser", problem: "the disk is full" });

  await vi.advanceTimersByTimeAsync(10_000);
  expect(browser.texts.size).toBe(2);
  server.failure = null;
  await vi.advanceTimersByTimeAsync(3000);
  expect([...server.texts]).toEqual([
    ["a", "1"],
    ["b", "1"],
  ]);
  expect(browser.texts.size).toBe(0);
  expect(statuses.at(-1)).toEqual({ place: "folder", problem: null });
});

test("a newer text is not replaced by the older one that waited", async () => {
  server.failure = "the server does not answer";
  const keeper = keep();
  keeper.save("a", "1");
  await keeper.settled();
  server.failure = null;
  keeper.save("a", "2");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.texts.get("a")).toBe("2");
  expect(browser.texts.size).toBe(0);
});

test("recordings that an earlier visit could not deliver are delivered at the start", async () => {
  browser.texts.set("old", "1");
  await keep().settled();
  expect(server.texts.get("old")).toBe("1");
  expect(browser.texts.size).toBe(0);
});

test("a recording that neither store takes stays in the page, is listed, and moves as soon as one takes it", async () => {
  server.failure = "the server does not answer";
  browser.failure = "quota";
  const keeper = keep();
  keeper.save("a", "1");
  await keeper.settled();
  expect(statuses.at(-1)?.place).toBe("page");
  expect(statuses.at(-1)?.problem).toMatch(/does not answer.*quota/);
  expect(keeper.holdsAny).toBe(true);
  const [listed] = await keeper.list();
  expect(listed).toMatchObject({ name: "a", place: "page" });
  expect(await keeper.read(listed)).toBe("1");

  server.failure = null;
  await vi.advanceTimersByTimeAsync(3000);
  expect(server.texts.get("a")).toBe("1");
  expect(keeper.holdsAny).toBe(false);
});

test("the list is newest first and names each recording once", async () => {
  server.texts.set("2026", "1").set("2025", "1");
  browser.texts.set("2027", "1").set("2025", "2");
  const keeper = keep(null);
  expect((await keeper.list()).map(({ name }) => name)).toEqual(["2027", "2025"]);
  const both = new RecordingKeeper(browser, server, () => {});
  const names = (await both.list()).map(({ name }) => name);
  expect(names).toEqual(["2027", "2026", "2025"]);
});

test("renaming keeps the recording in its store, and refuses names that are invalid or taken", async () => {
  const keeper = keep();
  keeper.save("a", "1");
  keeper.save("b", "2");
  await keeper.settled();
  const [, a] = await keeper.list();
  await keeper.rename(a, "best-lap");
  expect([...server.texts]).toEqual([
    ["b", "2"],
    ["best-lap", "1"],
  ]);
  const renamed = (await keeper.list()).find(({ name }) => name === "best-lap")!;
  await expect(keeper.rename(renamed, "b")).rejects.toThrow("another recording named b");
  await expect(keeper.rename(renamed, "../b")).rejects.toThrow(/up to 120 letters/);
  expect(server.texts.get("best-lap")).toBe("1");
});

test("a server that freezes keeps nothing from the browser: each save is there before the server answers", async () => {
  const frozen = new MemoryStore();
  frozen.write = () => new Promise(() => {});
  const keeper = keep(frozen);
  for (const text of ["1", "2", "3"]) {
    keeper.save("a", text, true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(browser.texts.get("a")).toBe(text);
  }
});

test("a long recording is sent to the server less often while it grows, and at once when it is whole", async () => {
  const write = vi.spyOn(server, "write");
  const keeper = keep();
  const long = (second: number) => String(second).padEnd(1_000_000);
  for (let second = 0; second < 60; second++) {
    keeper.save("a", long(second), true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(browser.texts.get("a") ?? server.texts.get("a")).toBe(long(second));
  }
  expect(write).toHaveBeenCalledTimes(3); // every 20 s
  keeper.save("a", "whole");
  await keeper.settled();
  expect(server.texts.get("a")).toBe("whole");
  expect(browser.texts.size).toBe(0);
});

test("a growing recording that the browser does not take goes to the server every time", async () => {
  browser.failure = "blocked";
  const keeper = keep();
  for (let second = 0; second < 5; second++) {
    const text = String(second).padEnd(1_000_000);
    keeper.save("a", text, true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.texts.get("a")).toBe(text);
  }
  expect(keeper.holdsAny).toBe(false);
});

test("recordings that another tab is writing are left to it", async () => {
  browser.texts.set("mine", "1").set("theirs", "1");
  const keeper = new RecordingKeeper(
    browser,
    server,
    () => {},
    async () => (name) => name === "theirs",
  );
  await keeper.settled();
  expect([...server.texts.keys()]).toEqual(["mine"]);
  expect([...browser.texts.keys()]).toEqual(["theirs"]);
});

test("a list that cannot be read is reported, and the report goes away once it can", async () => {
  server.texts.set("a", "1");
  const keeper = keep();
  await keeper.settled();
  server.failure = "the server does not answer";
  expect(await keeper.list()).toEqual([]);
  expect(statuses.at(-1)).toEqual({ place: "browser", problem: "the server does not answer" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(statuses.at(-1)?.problem).not.toBe(null);
  server.failure = null;
  await vi.advanceTimersByTimeAsync(3000);
  expect(statuses.at(-1)).toEqual({ place: "folder", problem: null });
  expect(await keeper.list()).toHaveLength(1);
});
