/** Tests that checkpoints come back unchanged, and that a changed one is refused. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  fingerprint,
  HEAD_BYTES,
  type Identity,
  MOST_CHECKPOINT_BYTES,
} from "../../src/data/checkpoint.ts";
import { CheckpointFile, readCheckpointFile } from "../../src/data/checkpoint-node.ts";

const folder = mkdtempSync(join(tmpdir(), "tritrack-checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

const identity: Identity = { options: { sparsity: 90, frames: undefined }, content: { "other data": 7 } };
const state = {
  step: 3,
  losses: [0.1, 1e-300, Number.NaN, Number.NEGATIVE_INFINITY, -0],
  latent: Float32Array.of(1.5, -0, Number.NaN),
  nested: [{ order: Int32Array.of(-1, 2 ** 31 - 1), random: Uint32Array.of(2 ** 32 - 1), none: null }],
  bytes: Buffer.from([1, 2, 255]),
  metadata: { $: "Float32Array", at: "0", text: "Ω\n" },
};

test("a state of any contents comes back to the last bit", () => {
  const bytes = encodeCheckpoint("training", identity, state);
  // Files are read as a Buffer at any place in memory, so this reads one that is not aligned.
  const read = Buffer.concat([Buffer.of(0), bytes]).subarray(1);
  const back = decodeCheckpoint<typeof state>("training", identity, read, "x");
  expect(back).toStrictEqual({ ...state, bytes: Uint8Array.of(1, 2, 255) });
  expect(Object.is(back.losses[4], -0)).toBe(true);
  expect(back.latent.buffer.byteLength).toBe(12);
});

test("any JSON comes back", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const bytes = encodeCheckpoint("search", identity, value);
      expect(decodeCheckpoint("search", identity, bytes, "x")).toStrictEqual(value);
    }),
  );
});

test("a checkpoint with a changed, missing or additional byte is refused", () => {
  const bytes = encodeCheckpoint("training", identity, state);
  const refused = (broken: Uint8Array) => {
    try {
      decodeCheckpoint("training", identity, broken, "x");
    } catch (error) {
      return error instanceof CorruptFile || error instanceof InvalidOption;
    }
    return false;
  };
  expect(refused(bytes)).toBe(false);
  for (let at = 0; at < bytes.length; at++) {
    const broken = bytes.slice();
    broken[at] ^= 1 + (at % 7);
    if (!refused(broken)) throw new Error(`byte ${at} of ${bytes.length} may be changed`);
    if (!refused(bytes.subarray(0, at))) throw new Error(`the first ${at} bytes are taken`);
  }
  expect(refused(Uint8Array.of(...bytes, 0))).toBe(true);
});

test.each<[what: string, bytes: Uint8Array, error: Error]>([
  [
    "another file",
    Buffer.from("no checkpoint"),
    new CorruptFile("x: expected the checkpoint of a training, got another file"),
  ],
  [
    "an older version",
    Buffer.from("tritrack checkpoint 1 training\n"),
    new CorruptFile("x: expected a checkpoint of version 2, got version 1; begin anew without it"),
  ],
  [
    "a search's checkpoint",
    encodeCheckpoint("search", identity, state),
    new InvalidOption("x: expected the checkpoint of a training, got that of a search"),
  ],
  [
    "another option",
    encodeCheckpoint("training", { ...identity, options: { sparsity: 80 } }, state),
    new InvalidOption("x: the checkpoint is of another training: its sparsity was 80, now it is 90"),
  ],
  [
    "an option that is not given",
    encodeCheckpoint("training", { ...identity, options: { sparsity: 90, frames: 3 } }, state),
    new InvalidOption("x: the checkpoint is of another training: its frames was 3, now it is not given"),
  ],
  [
    "other data",
    encodeCheckpoint("training", { ...identity, content: { "other data": 8 } }, state),
    new InvalidOption("x: the checkpoint is of another training: it had other data"),
  ],
  [
    "damage",
    encodeCheckpoint("training", identity, state).fill(65, 200, 201),
    new CorruptFile("x: the checkpoint is damaged; without it the work begins anew"),
  ],
])("%s is refused in a line", (_, bytes, error) => {
  expect(() => decodeCheckpoint("training", identity, bytes, "x")).toThrow(error);
});

test("a file is written whole, and one that cannot be a checkpoint is refused before it is read", () => {
  const path = join(folder, "x.checkpoint");
  const file = new CheckpointFile<typeof state>("training", identity, path);
  expect(file.load()).toBe(null);
  file.save(() => state);
  expect(file.load()?.losses).toStrictEqual(state.losses);
  const nowhere = new CheckpointFile("training", identity);
  nowhere.save(() => {
    throw new Error("asked for a state that nobody keeps");
  });
  expect(nowhere.load()).toBe(null);

  truncateSync(path, MOST_CHECKPOINT_BYTES + 1);
  expect(() => file.load()).toThrow(
    new CorruptFile(`${path}: expected a checkpoint of at most 268435456 bytes, got 268435457`),
  );
  // Sparse: 8 GB that are never read.
  writeFileSync(path, new Uint8Array(HEAD_BYTES));
  truncateSync(path, 8 * 2 ** 30);
  expect(() => file.load()).toThrow(
    new CorruptFile(`${path}: expected the checkpoint of a training, got another file`),
  );
  rmSync(path);
  mkdirSync(path);
  expect(() => readCheckpointFile("training", path)).toThrow(
    new CorruptFile(`${path}: expected the checkpoint of a training, got no file`),
  );
});

test("a fingerprint tells arrays apart by each bit, and other values by their JSON", () => {
  const data = Float32Array.of(1, 2, 3);
  expect(fingerprint(data)).toBe(fingerprint(data.slice()));
  expect(fingerprint(data)).not.toBe(fingerprint(Float32Array.of(1, 2, 3.0000002)));
  expect(fingerprint({ a: 1 })).not.toBe(fingerprint({ a: 2 }));
});
