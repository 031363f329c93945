/** The one form that candidates take between threads and machines. */
import { expect, test } from "vitest";
import { CorruptFile } from "../../../env/errors.ts";
import { candidateBytes, candidatesOf } from "../../../src/search/engine/candidates.ts";
import type { Candidate } from "../../../src/search/engine/fitness-engine.ts";

const candidates: Candidate[] = [
  [{ index: 0, change: 1 }],
  [
    { index: 7, change: -1 },
    { index: 0, change: 1 },
  ],
  [
    { index: 5, change: -1 },
    { index: 9, change: -2 },
  ],
];

test("single changes and swaps come back as they were, from bytes at any offset", () => {
  const bytes = candidateBytes(candidates);
  expect(candidatesOf(bytes, 10)).toEqual(candidates);
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  expect(candidatesOf(moved.subarray(3), 10)).toEqual(candidates);
});

test("bytes from elsewhere are refused unless they are candidates of the layer, and few", () => {
  const refused = (bytes: Uint8Array, weights: number, message: string) =>
    expect(() => candidatesOf(bytes, weights)).toThrow(new CorruptFile(message));
  const bytes = candidateBytes(candidates);
  const length = "candidates: expected a multiple of 16 bytes up to 1048576, got ";
  refused(bytes.subarray(1), 10, `${length}47`);
  refused(new Uint8Array(2 ** 20 + 16), 10, `${length}1048592`);
  refused(bytes, 9, "candidate: expected a change of a weight from 0 to 8 by 2 at most, got weight 9 by -2");
  refused(
    candidateBytes([[{ index: -1, change: 1 }]]),
    9,
    "candidate: expected a change of a weight from 0 to 8 by 2 at most, got weight -1 by 1",
  );
  refused(
    candidateBytes([[{ index: 1, change: 3 }]]),
    9,
    "candidate: expected a change of a weight from 0 to 8 by 2 at most, got weight 1 by 3",
  );
});
