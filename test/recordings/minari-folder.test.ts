/** Tests that datasets are placed where Minari finds them; test/python lists them with the real one. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { InvalidOption } from "../../env/errors.ts";
import {
  minariPlace,
  openMinariFolder,
  writeMinariFolder,
} from "../../recordings/minari/dataset-folder-node.ts";

const dataset = { data: Uint8Array.of(1, 2, 3), metadata: "{}\n" };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-minari-"));
  vi.stubEnv("MINARI_DATASETS_PATH", undefined);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

const placeOf = (out: string, root?: string) => {
  const { root: found, id } = minariPlace(out, root);
  return [found, id];
};

test("a dataset's name is its place below the root: given, set, usual", () => {
  expect(placeOf(join(folder, "a/b/laps-v0"), folder)).toEqual([folder, "a/b/laps-v0"]);
  expect(() => minariPlace(join(folder, "laps-v0"), join(folder, "a"))).toThrow(
    new InvalidOption(`--root ${join(folder, "a")}: expected a folder above ${join(folder, "laps-v0")}`),
  );
  vi.stubEnv("MINARI_DATASETS_PATH", folder);
  expect(minariPlace(join(folder, "me/laps-v0"))).toEqual({
    root: folder,
    id: "me/laps-v0",
    command: "minari list local",
  });
  vi.stubEnv("MINARI_DATASETS_PATH", undefined);
  const usual = join(homedir(), ".minari", "datasets");
  expect(minariPlace(join(usual, "me/laps-v0"))).toMatchObject({ root: usual, command: "minari list local" });
});

test("a root that nobody named is found again, and the command that lists it is said", () => {
  // It was named "laps-v0" below any root, so that Minari called it misconfigured.
  const [root, id] = placeOf(join(folder, "me", "laps-v0"));
  expect([root, id]).toEqual([folder, "me/laps-v0"]);
  expect(minariPlace(join(folder, "me", "laps-v0")).command).toBe(
    `MINARI_DATASETS_PATH=${folder} minari list local`,
  );
  writeMinariFolder({ root, id }, dataset);
  expect(readFileSync(join(folder, "me", "namespace_metadata.json"), "utf8")).toBe("{}");
  // Another one beside it, and in a new namespace of the same root.
  expect(placeOf(join(folder, "me", "more-v0"))).toEqual([folder, "me/more-v0"]);
  expect(placeOf(join(folder, "you", "laps-v0"))).toEqual([folder, "you/laps-v0"]);
  expect(placeOf(join(folder, "laps-v1"))).toEqual([folder, "laps-v1"]);
});

test("the first of several new folders below an empty one is the root", () => {
  expect(placeOf(join(folder, "minari", "me", "laps-v0"))).toEqual([join(folder, "minari"), "me/laps-v0"]);
});

test("the first of new folders below one with other things is the root", () => {
  writeFileSync(join(folder, "notes.txt"), "");
  expect(placeOf(join(folder, "laps-v0"))).toEqual([folder, "laps-v0"]);
  expect(placeOf(join(folder, "minari", "laps-v0"))).toEqual([join(folder, "minari"), "laps-v0"]);
  expect(placeOf(join(folder, "minari", "me", "laps-v0"))).toEqual([join(folder, "minari"), "me/laps-v0"]);
});

test("a dataset is opened by its folder, its data folder or its file", () => {
  writeMinariFolder({ root: folder, id: "me/laps-v0" }, dataset);
  const at = join(folder, "me", "laps-v0");
  for (const path of [at, join(at, "data"), join(at, "data", "main_data.hdf5")]) {
    const opened = openMinariFolder(path)!;
    expect([opened.name, opened.metadata, ...opened.data.read(0, 3)]).toEqual(["laps-v0", "{}\n", 1, 2, 3]);
    opened.close();
  }
  expect(openMinariFolder(folder)).toBeNull();
});

test("a dataset in Arrow's format is opened for its metadata to say so", () => {
  const data = join(folder, "laps-v0", "data");
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, "metadata.json"), '{"data_format": "arrow"}');
  const opened = openMinariFolder(dirname(data))!;
  expect([opened.metadata, opened.data.size]).toEqual(['{"data_format": "arrow"}', 0]);
  expect(existsSync(join(data, "main_data.hdf5"))).toBe(false);
});
