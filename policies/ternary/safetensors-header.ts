/**
 * The header of a safetensors file (github.com/huggingface/safetensors): 8 bytes of little-endian header length, JSON that
 * gives each tensor's type, shape and range of bytes, raw tensors. It is as strict as the reference reader, so that both
 * see the same tensors or none: tensors fill the data without a gap, an overlap or bytes left over, numbers are whole,
 * and no key stands twice.
 */
import { describe } from "../../env/describe.ts";
import { CorruptFile } from "../../env/errors.ts";
import { isRecord } from "../../env/is-record.ts";
import { jsonFits, jsonParts } from "../../env/json-scan.ts";

/** Longest header that is read, bytes. */
const MAX_HEADER_BYTES = 32 * 2 ** 20;
/** Values and levels of JSON in it: a network has some thirty. */
const MAX_VALUES = 10_000;
const MAX_DEPTH = 16;

/** One tensor of a file. */
export interface StoredTensor {
  /** Element type: "I8", "F32", …. */
  dtype: string;
  /** Length of each axis. */
  shape: number[];
  /** First byte within the data. */
  begin: number;
  /** One past its last byte. */
  end: number;
}

/** Contents of a file's header. */
export interface SafetensorsFile {
  /** Texts that travel with the tensors; empty where there are none. */
  metadata: Record<string, string>;
  /** Tensors by name, in the order of the header. */
  tensors: Map<string, StoredTensor>;
  /** The bytes that the ranges of tensors count in. */
  data: Uint8Array;
}

/**
 * Reads the header of a safetensors file.
 * @throws CorruptFile on anything that the reference reader refuses; the message says what was expected
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) throw new CorruptFile(`expected a safetensors header, got ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8) || length > MAX_HEADER_BYTES)
    throw new CorruptFile(`expected a safetensors header within the file, got one of ${length} bytes`);
  const header = parseHeader(bytes.subarray(8, 8 + Number(length)));
  const data = bytes.subarray(8 + Number(length));
  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isTexts(metadata)) throw new CorruptFile("expected texts in __metadata__");
  const tensors = new Map(Object.entries(rest).map(([name, value]) => [name, toTensor(name, value)]));
  checkRanges(tensors, data.length);
  return { metadata, tensors, data };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    // A byte order mark is kept, for JSON to refuse it.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CorruptFile("expected a safetensors header in UTF-8");
  }
  if (!jsonFits(text, MAX_VALUES, MAX_DEPTH))
    throw new CorruptFile(
      `expected a safetensors header of at most ${MAX_VALUES} values, ${MAX_DEPTH} levels deep`,
    );
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new CorruptFile("expected a safetensors header of JSON (truncated or damaged?)");
  }
  if (!isRecord(header)) throw new CorruptFile(`expected a JSON object as header, got ${describe(header)}`);
  checkText(text);
  return header;
}

/** What `JSON.parse` lets pass and the reference does not: keys twice, half characters, numbers with a fraction. */
function checkText(text: string): void {
  /** Keys of the objects that are open; null for lists. */
  const open: (Set<string> | null)[] = [];
  let key: string | null = null;
  let last = 0;
  for (const { kind, from, end } of jsonParts(text)) {
    const between = text.slice(last, from).trim();
    last = end;
    if (between !== "" && !/^(0|[1-9]\d*|true|false|null)$/.test(between))
      throw new CorruptFile(`expected whole numbers from 0 up in the header, got ${describe(between)}`);
    if (kind === '"') {
      key = JSON.parse(text.slice(from, end));
      if (/\p{Surrogate}/u.test(key!))
        throw new CorruptFile("expected whole characters in the header, got a surrogate");
    } else if (kind === "{") open.push(new Set());
    else if (kind === "[") open.push(null);
    else if (kind === "}" || kind === "]") open.pop();
    else if (kind === ":") {
      const keys = open.at(-1)!;
      if (keys.has(key!))
        throw new CorruptFile(`expected every key once in the header, got ${describe(key)} twice`);
      keys.add(key!);
    }
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function toTensor(name: string, value: unknown): StoredTensor {
  const { dtype, shape, data_offsets: range } = isRecord(value) ? value : {};
  if (typeof dtype !== "string" || !isCounts(shape) || !isCounts(range) || range.length !== 2)
    throw new CorruptFile(
      `tensor ${describe(name)}: expected dtype, shape and data_offsets, got ${describe(value)}`,
    );
  return { dtype, shape, begin: range[0], end: range[1] };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Checks that tensors fill the data: each begins where the one before it ends, and the last ends with the data. */
function checkRanges(tensors: ReadonlyMap<string, StoredTensor>, length: number): void {
  let expected = 0;
  const ordered = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of ordered) {
    if (begin !== expected || end < begin)
      throw new CorruptFile(
        `tensor ${describe(name)}: expected bytes from ${expected} on, got ${begin} to ${end}: tensors overlap or leave a gap`,
      );
    expected = end;
  }
  if (expected !== length) throw new CorruptFile(`expected ${expected} bytes of tensors, got ${length}`);
}
