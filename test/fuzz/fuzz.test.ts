/** A short form of `npm run fuzz`: a damaged input gives a TritrackError or the contents it still has, and nothing else. */
import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";
import { parsers } from "./parsers.ts";

/** One in this many inputs of a whole run is tried here: 500 of most parsers, 100 of HDF5 and of recordings. */
const SHARE = 200;

test.each(parsers().map((parser) => [parser.name, parser] as const))(
  "%s, damaged in many ways, is read or refused with a TritrackError",
  async (_, parser) => {
    const { foreign, refused, read } = await fuzz(parser, parser.inputs / SHARE, 7);
    expect(foreign).toEqual([]);
    expect(refused + read).toBe(parser.inputs / SHARE);
    expect(refused).toBeGreaterThan(0);
  },
  60_000,
);

test("the same seed makes the same inputs", async () => {
  const inputs = async () => {
    const seen: string[] = [];
    const samples = [Uint8Array.of(1, 2, 3)];
    await fuzz({ name: "x", inputs: 1, samples, parse: (bytes) => void seen.push(bytes.join()) }, 50, 3);
    return seen;
  };
  expect(await inputs()).toEqual(await inputs());
});
