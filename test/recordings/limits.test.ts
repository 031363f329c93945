/** Tests that small files which unpack to gigabytes, and huge files, are refused at once in under 300 MB of memory. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { buildHdf5 } from "../../recordings/minari/hdf5.ts";
import { writeNpy } from "../../recordings/npz/npy.ts";

/** Megabytes, and milliseconds on a busy machine. */
const MOST_MEMORY = 300;
const MOST_TIME = 10_000;
const MIB = 2 ** 20;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tritrack-limits-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(path: string): { message: string; megabytes: number; milliseconds: number } {
  const script = join(import.meta.dirname, "read-hostile.ts");
  return JSON.parse(execFileSync(process.execPath, ["--import", "tsx", script, path], { encoding: "utf8" }));
}

function expectRefused(path: string, message: string): void {
  const outcome = read(path);
  expect(outcome.message).toBe(message);
  expect(outcome.megabytes).toBeLessThan(MOST_MEMORY);
  expect(outcome.milliseconds).toBeLessThan(MOST_TIME);
}

function write(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

interface Entry {
  name: string;
  /** The deflated bytes. */
  packed: Uint8Array;
  size: number;
}

/** A zip archive whose checksums are zero, since a reader should refuse it before it compares them. */
function zip(entries: readonly Entry[]): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, size } of entries) {
    const head = Buffer.alloc(30 + name.length);
    head.writeUInt32LE(0x04034b50);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(size, 22);
    head.writeUInt16LE(name.length, 26);
    head.write(name, 30);
    const record = Buffer.alloc(46 + name.length);
    record.writeUInt32LE(0x02014b50);
    record.writeUInt16LE(8, 10);
    record.writeUInt32LE(packed.length, 20);
    record.writeUInt32LE(size, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt32LE(offset, 42);
    record.write(name, 46);
    local.push(head, Buffer.from(packed));
    central.push(record);
    offset += head.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(central).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, ...central, end]);
}

/** An entry of zeros after a numpy header. */
function zeros(name: string, shape: string, descr: string, bytes: number): Entry {
  const head = writeNpy({ shape: [1], data: new Uint8Array(1) }).slice(0, 128);
  head.set(
    new TextEncoder().encode(
      `${`{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}}`.padEnd(117)}\n`,
    ),
    10,
  );
  const all = Buffer.alloc(128 + bytes);
  all.set(head);
  return { name: `${name}.npy`, packed: deflateRawSync(all, { level: 1 }), size: all.length };
}

describe("archives of NumPy", () => {
  const seed = () => zeros("seed", "()", "<i8", 8);

  test("two hundred megabytes of actions is refused by its shape", () => {
    const path = write("actions.npz", zip([seed(), zeros("actions", "(8388608, 3)", "<f8", 192 * MIB)]));
    expect(readFileSync(path).length).toBeLessThan(2 * MIB);
    expectRefused(
      path,
      "CorruptFile: actions.npz: actions: expected 1 to 1000000 steps, got float64 of shape (8388608, 3)",
    );
  });

  test("two hundred megabytes of a text is refused by its type", () => {
    const text = zeros("recording", "()", "<U50331648", 192 * MIB);
    const path = write("text.npz", zip([seed(), zeros("actions", "(2,)", "<i8", 16), text]));
    expectRefused(path, "CorruptFile: text.npz: recording: expected at most 262144 bytes, got 201326592");
  });

  test("frames of minutes, all black, are compared one by one", () => {
    const steps = 7000;
    const frames = zeros("observations", `(${steps + 1}, 96, 96, 3)`, "|u1", (steps + 1) * 27_648);
    const actions = zeros("actions", `(${steps}, 3)`, "<f4", steps * 12);
    // The checksum of actions is not zero, which the file says it is.
    expectRefused(
      write("frames.npz", zip([seed(), actions, frames])),
      "CorruptFile: frames.npz: actions: expected the bytes that the checksum is of (damaged?)",
    );
  });

  test("a gigabyte of nothing is no archive", () => {
    const path = write("sparse.npz", "");
    truncateSync(path, 3 * 2 ** 30);
    expectRefused(path, "CorruptFile: sparse.npz: expected a zip archive (truncated or damaged?)");
  });
});

describe("recordings", () => {
  test("of brackets, of line feeds, of a text without end", () => {
    const rule = "expected JSON of at most 2000000 values and 64 levels";
    expectRefused(
      write("lists.episode.json", `{"x":[${"[],".repeat(12 * MIB)}0]}`),
      `CorruptFile: lists.episode.json: ${rule}`,
    );
    expectRefused(
      write("deep.episode.json", "[".repeat(40 * MIB)),
      `CorruptFile: deep.episode.json: ${rule}`,
    );
    expectRefused(
      write("lines.episode.part", "\n".repeat(40 * MIB)),
      "CorruptFile: lines.episode.part line 1 is not a recording: expected JSON (truncated or damaged?)",
    );
    expectRefused(
      write("text.episode.json", `{"format":"${"é".repeat(20 * MIB)}"}`),
      `CorruptFile: text.episode.json is not a recording: expected "format": "tritrack-episode", got "${"é".repeat(78)}…`,
    );
  });

  test("of more than two gigabytes", () => {
    const path = write("large.episode.json", "");
    truncateSync(path, 3 * 2 ** 30);
    expectRefused(path, "CorruptFile: large.episode.json: expected at most 50331648 bytes, got 3221225472");
  });
});

describe("networks", () => {
  test("with a header of megabytes, or larger than two gigabytes", () => {
    const head = new TextEncoder().encode(`{"x":[${"[],".repeat(9 * MIB)}0]}`);
    const file = new Uint8Array(8 + head.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(head.length), true);
    file.set(head, 8);
    expectRefused(
      write("header.safetensors", file),
      "CorruptFile: header.safetensors: expected a safetensors header of at most 10000 values, 16 levels deep",
    );
    const path = write("large.safetensors", writeNetwork(randomNetwork(mnistArchitecture, 90, 1)));
    truncateSync(path, 3 * 2 ** 30);
    expectRefused(path, "CorruptFile: large.safetensors: expected at most 50331648 bytes, got 3221225472");
  });
});

describe("datasets of Minari", () => {
  const genuine = (name: string) =>
    gunzipSync(readFileSync(join(import.meta.dirname, "genuine", `float64.minari.${name}.gz`)));

  /** A dataset of one episode. */
  async function dataset(
    name: string,
    fill: (group: Parameters<Parameters<typeof buildHdf5>[0]>[0]) => void,
  ) {
    const data = join(folder, name, "data");
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "metadata.json"), genuine("json"));
    writeFileSync(join(data, "main_data.hdf5"), await buildHdf5(async (file) => fill(file)));
    return join(folder, name);
  }

  test("with an array, or a piece of one, of absurd size", async () => {
    const shape = (rows: number, chunk: number) => (file: Parameters<Parameters<typeof buildHdf5>[0]>[0]) => {
      const group = file.create_group("episode_0");
      group.create_attribute("seed", 7, [], "<q");
      const array = {
        data: new Float64Array(3),
        shape: [1, 3],
        maxshape: [null, 3],
        chunks: [chunk, 3],
        dtype: "<d",
      };
      group.create_dataset({ name: "actions", ...array, compression: 9 });
      const actions = group.get("actions") as unknown as { resize(to: number[]): void };
      actions.resize([rows, 3]);
    };
    expectRefused(
      await dataset("rows", shape(10 ** 9, 10)),
      "CorruptFile: rows: episode 0: actions: expected 1 to 1000000 steps, got float64 of shape (1000000000, 3)",
    );
    expectRefused(
      await dataset("chunk", shape(10, 4 * 10 ** 6)),
      "CorruptFile: chunk: episode 0: actions: expected pieces of at most 33554432 bytes, got 96000000",
    );
  });

  test("larger than two gigabytes are read where they lie", async () => {
    const data = join(folder, "huge", "data");
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "metadata.json"), genuine("json"));
    writeFileSync(join(data, "main_data.hdf5"), genuine("hdf5"));
    truncateSync(join(data, "main_data.hdf5"), 3 * 2 ** 30);
    const { message, megabytes } = read(join(folder, "huge"));
    expect(message).toBe("read");
    expect(megabytes).toBeLessThan(MOST_MEMORY);
  });
});
