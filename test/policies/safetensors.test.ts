/**
 * Strictness of the reader of network files. `accepts` says what the reference reader (safetensors 0.8.0 on PyPI) did
 * with each of these files; all that it refuses is refused here.
 */
import { describe, expect, test } from "vitest";
import { CorruptFile } from "../../env/errors.ts";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";

const file = writeNetwork(randomNetwork(mnistArchitecture, 90, 3));
const end = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
const text = new TextDecoder().decode(file.subarray(8, end)).trimEnd();
const data = file.subarray(end);

/** A file of a header and data. */
function pack(header: string | Uint8Array, tensors: Uint8Array = data, length?: bigint): Uint8Array {
  const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const packed = new Uint8Array(8 + bytes.length + tensors.length);
  new DataView(packed.buffer).setBigUint64(0, length ?? BigInt(bytes.length), true);
  packed.set(bytes, 8);
  packed.set(tensors, 8 + bytes.length);
  return packed;
}

/** The file with a piece of its header replaced. */
function replaced(from: string, to: string): Uint8Array {
  expect(text).toContain(from);
  return pack(text.replace(from, to));
}

const RANGE = '"data_offsets":[0,400]';
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const zeros = (count: number) => new Uint8Array(count);
const fc = /"fc":(\{[^}]*\})/.exec(text)![1];
const withoutFc = text.replace(`,"fc":${fc}`, "");

describe("files that the reference reader refuses are refused:", () => {
  const cases: [what: string, file: Uint8Array, message: string][] = [
    ["trailing bytes", pack(text, joined(data, zeros(1))), "expected 28880 bytes of tensors, got 28881"],
    ["a missing byte", pack(text, data.subarray(1)), "expected 28880 bytes of tensors, got 28879"],
    [
      "an overlap",
      replaced("[400,13200]", "[399,13199]"),
      'tensor "2.0": expected bytes from 400 on, got 399 to 13199: tensors overlap or leave a gap',
    ],
    [
      "a gap",
      pack(
        text.replace("[400,13200]", "[408,13208]").replace("[13200,28880]", "[13208,28888]"),
        joined(data.subarray(0, 400), zeros(8), data.subarray(400)),
      ),
      'tensor "2.0": expected bytes from 400 on, got 408 to 13208: tensors overlap or leave a gap',
    ],
    [
      "a range shared by two tensors",
      replaced("[400,13200]", "[0,12800]"),
      'tensor "2.0": expected bytes from 400 on, got 0 to 12800: tensors overlap or leave a gap',
    ],
    ...["0.0", "0.5", "-0", "0e1", "1e-9"].map((number): [string, Uint8Array, string] => [
      `the offset ${number}`,
      replaced(RANGE, `"data_offsets":[${number},400]`),
      `expected whole numbers from 0 up in the header, got "${number}"`,
    ]),
    [
      "a fraction in a shape",
      replaced("[16,1,5,5]", "[16.0,1,5,5]"),
      'expected whole numbers from 0 up in the header, got "16.0"',
    ],
    [
      "an offset beyond 64 bits",
      replaced(RANGE, '"data_offsets":[0,18446744073709551616]'),
      'tensor "1.0": expected dtype, shape and data_offsets, got {dtype: "I8", shape: [16, 1, 5, 5], data_offsets: [0, 18446744073709552000]}',
    ],
    [
      "three offsets",
      replaced(RANGE, '"data_offsets":[0,400,400]'),
      'tensor "1.0": expected dtype, shape and data_offsets, got {dtype: "I8", shape: [16, 1, 5, 5], data_offsets: [0, 400, 400]}',
    ],
    [
      "offsets as text",
      replaced(RANGE, '"data_offsets":["0","400"]'),
      'tensor "1.0": expected dtype, shape and data_offsets, got {dtype: "I8", shape: [16, 1, 5, 5], data_offsets: ["0", "400"]}',
    ],
    [
      "a byte order mark",
      pack(`\ufeff${text}`),
      "expected a safetensors header of JSON (truncated or damaged?)",
    ],
    [
      "text after the JSON",
      pack(`${text}x`),
      "expected a safetensors header of JSON (truncated or damaged?)",
    ],
    [
      "a NUL after the JSON",
      pack(`${text}\0`),
      "expected a safetensors header of JSON (truncated or damaged?)",
    ],
    [
      "NaN",
      replaced(RANGE, '"data_offsets":[NaN,400]'),
      "expected a safetensors header of JSON (truncated or damaged?)",
    ],
    [
      "bytes that are not UTF-8",
      pack(new TextEncoder().encode(text).map((byte) => (byte === 109 ? 255 : byte))),
      "expected a safetensors header in UTF-8",
    ],
    [
      "half a character",
      replaced('"task":"mnist"', '"task":"mnist","x":"\\ud800"'),
      "expected whole characters in the header, got a surrogate",
    ],
    [
      "metadata twice",
      pack(`${text.slice(0, -1)},"__metadata__":{}}`),
      'expected every key once in the header, got "__metadata__" twice',
    ],
    [
      "a field twice",
      replaced('"dtype":"I8"', '"dtype":"I8","dtype":"I8"'),
      'expected every key once in the header, got "dtype" twice',
    ],
    [
      "a number in the metadata",
      replaced('"task":"mnist"', '"task":"mnist","x":1'),
      "expected texts in __metadata__",
    ],
    ["a list as header", pack("[]"), "expected a JSON object as header, got []"],
    [
      "a header beyond the file",
      pack(text, data, BigInt(file.length)),
      `expected a safetensors header within the file, got one of ${file.length} bytes`,
    ],
    [
      "a header of absurd length",
      pack(text, data, 2n ** 63n),
      "expected a safetensors header within the file, got one of 9223372036854775808 bytes",
    ],
    ["no header", pack(""), "expected a safetensors header of JSON (truncated or damaged?)"],
    ["no bytes", new Uint8Array(), "expected a safetensors header, got 0 bytes"],
    [
      "nesting without end",
      replaced('"dtype":"I8"', `"x":${"[".repeat(500)}${"]".repeat(500)},"dtype":"I8"`),
      "expected a safetensors header of at most 10000 values, 16 levels deep",
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(() => readNetwork(bytes, "x")).toThrow(new CorruptFile(`x: ${message}`));
  });
});

test("files that the reference reader accepts are accepted: spaces, other orders, escapes, fields of later versions", () => {
  const original = readNetwork(file);
  const others = [
    pack(text),
    pack(` \n${text}\n `),
    pack(`{"fc":${fc},${withoutFc.slice(1)}`),
    replaced('"fc":', '"\\u0066c":'),
    replaced('"dtype":"I8"', '"later":[true,null,{"x":"y"}],"dtype":"I8"'),
  ];
  // Node's buffers are views where arrays would be copies.
  others.push(Buffer.concat([Buffer.of(1, 2, 3), file]).subarray(3));
  for (const other of others) expect(readNetwork(other)).toEqual(original);
});

test("files that the reference accepts but that are not ternary networks are refused by name", () => {
  const shown = (bytes: Uint8Array) => () => readNetwork(bytes, "x");
  expect(shown(pack(withoutFc, data.subarray(0, 13200)))).toThrow(
    new CorruptFile('x: tensor "fc": expected I8 [10,1568], got none'),
  );
  expect(shown(replaced('"dtype":"I8","shape":[16', '"dtype":"U8","shape":[16'))).toThrow(
    new CorruptFile('x: tensor "1.0": expected I8 [16,1,5,5], got U8 [16, 1, 5, 5]'),
  );
  const twice = pack(`${text.slice(0, -1)},"fc":${fc}}`);
  expect(shown(twice)).toThrow(new CorruptFile('x: expected every key once in the header, got "fc" twice'));
  const evil = replaced('"task":"mnist"', `"task":"\\u001b[31m${"x".repeat(1000)}"`);
  const name = `"\\\\u001b[31m${"x".repeat(66)}…`;
  expect(shown(evil)).toThrow(
    `x: task: expected "car" or "mnist", got ${name.replace("\\\\", "\\")}`.slice(0, 90),
  );
});
