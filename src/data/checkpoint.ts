/**
 * Checkpoints: where a training or a search stands, as bytes, so that one that was killed goes on to the same result.
 *
 * A checkpoint is a line of text, a JSON record in a second line, and the arrays of that record. The first line carries a
 * sha256 of the rest, so a damaged checkpoint is refused and never gone on from. The record carries an identity: the
 * options and the data that must be the same, or the continued work would not end where it would have ended. This file
 * runs in browsers too; `checkpoint-node.ts` reads and writes files.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { CorruptFile, InvalidOption } from "../../env/errors.ts";

/** Kinds of work that make checkpoints. */
export type CheckpointKind = "training" | "search";

/** Options and data that must be the same where work goes on. */
export interface Identity {
  /** Options by name, plain JSON. An option that is undefined counts as not given. */
  options: Record<string, unknown>;
  /** Fingerprints of what is too large to keep, by what another one is called: `{ "other data": 123 }`. */
  content: Record<string, number>;
}

const FORMAT = "tritrack checkpoint 2";
/** The line: format, version, kind, and the sha256 of what follows in 64 hexadecimal digits. */
const HEAD = /^tritrack checkpoint (\d+) (\w+)(?: ([0-9a-f]{64}))?\n/;
/** Bytes that the line takes at most. */
export const HEAD_BYTES = 128;
/** A larger file is refused before it is read: checkpoints of full trainings have some 10 MB. */
export const MOST_CHECKPOINT_BYTES = 256 * 2 ** 20;

/** Array types that a state may hold, by the name that the record gives them. */
const ARRAYS = { Int8Array, Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array };
type ArrayName = keyof typeof ARRAYS;
type AnyArray = InstanceType<(typeof ARRAYS)[ArrayName]>;

/**
 * The key of objects that stand for what JSON has no word for: an array of the checkpoint, a number such as NaN, or an
 * object that has this key itself.
 */
const SPECIAL = "$";
const FIELDS = "fields";

/**
 * Makes a checkpoint.
 * @param state JSON values, undefined, and typed arrays of 8 or 32 bits or float64, nested at will
 * @returns bytes that `decodeCheckpoint` reads
 * @throws TypeError on arrays of another type
 */
export function encodeCheckpoint(
  kind: CheckpointKind,
  identity: Identity,
  state: unknown,
): Uint8Array<ArrayBuffer> {
  const arrays: Uint8Array[] = [];
  let bytes = 0;
  const store = (array: ArrayBufferView) => {
    const name = (array as AnyArray)[Symbol.toStringTag];
    if (!Object.hasOwn(ARRAYS, name)) throw new TypeError(`checkpoints hold no ${name}`);
    arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    bytes += array.byteLength;
    return { [SPECIAL]: name, at: bytes - array.byteLength, bytes: array.byteLength };
  };
  const record = JSON.stringify({ identity, state }, function (key, value) {
    // Not `value`: JSON.stringify has already turned a Buffer into an object of numbers.
    const given = this[key];
    if (ArrayBuffer.isView(given)) return store(given);
    if (Object.is(given, -0)) return { [SPECIAL]: "-0" };
    if (typeof given === "number" && !Number.isFinite(given)) return { [SPECIAL]: String(given) };
    if (typeof given === "object" && given !== null && Object.hasOwn(given, SPECIAL))
      return { [SPECIAL]: FIELDS, fields: Object.entries(given) };
    return value;
  });
  // A second line: JSON has no line breaks of its own.
  const text = new TextEncoder().encode(`${record}\n`);
  const body = new Uint8Array(text.length + bytes);
  body.set(text);
  let at = text.length;
  for (const array of arrays) {
    body.set(array, at);
    at += array.length;
  }
  const head = new TextEncoder().encode(`${FORMAT} ${kind} ${bytesToHex(sha256(body))}\n`);
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

/**
 * Reads a checkpoint of the same work.
 * @param name of the file, for messages
 * @returns the state, its arrays in memory of their own
 * @throws {@link CorruptFile} on bytes that are no checkpoint or a damaged one
 * @throws {@link InvalidOption} on a checkpoint of another kind of work, of other options or of other data
 */
export function decodeCheckpoint<State>(
  kind: CheckpointKind,
  identity: Identity,
  bytes: Uint8Array,
  name: string,
): State {
  const head = checkHead(kind, bytes, name);
  const body = bytes.subarray(head.length);
  if (bytesToHex(sha256(body)) !== head.sha256)
    throw new CorruptFile(`${name}: the checkpoint is damaged; without it the work begins anew`);
  // The rest cannot fail on bytes that `encodeCheckpoint` wrote, and others do not have their sha256.
  const end = body.indexOf(10);
  const record = JSON.parse(new TextDecoder().decode(body.subarray(0, end)));
  const { identity: saved, state } = restored(record, body.subarray(end + 1)) as {
    identity: Identity;
    state: State;
  };
  checkSame(kind, saved, identity, name);
  return state;
}

/**
 * Looks at the first bytes of a file, so that a large file of another kind is refused before it is read.
 * @param bytes the first 128 bytes or more
 * @returns length of the line in bytes, and sha256 of what follows
 * @throws as `decodeCheckpoint` does on other bytes
 */
export function checkHead(
  kind: CheckpointKind,
  bytes: Uint8Array,
  name: string,
): { length: number; sha256: string } {
  const line = new TextDecoder("latin1").decode(bytes.subarray(0, HEAD_BYTES));
  const [head, version, made, digest] = HEAD.exec(line) ?? [];
  if (head === undefined)
    throw new CorruptFile(`${name}: expected the checkpoint of a ${kind}, got another file`);
  if (!FORMAT.endsWith(` ${version}`) || digest === undefined)
    throw new CorruptFile(
      `${name}: expected a checkpoint of version 2, got version ${version}; begin anew without it`,
    );
  if (made !== kind)
    throw new InvalidOption(`${name}: expected the checkpoint of a ${kind}, got that of a ${made}`);
  return { length: head.length, sha256: digest };
}

/** The value with its arrays and special numbers in place. */
function restored(value: unknown, arrays: Uint8Array): unknown {
  if (Array.isArray(value)) return value.map((item) => restored(item, arrays));
  if (typeof value !== "object" || value === null) return value;
  const special = (value as Record<string, unknown>)[SPECIAL];
  if (typeof special !== "string")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restored(item, arrays)]));
  const { at, bytes, fields } = value as { at: number; bytes: number; fields: [string, unknown][] };
  if (special === FIELDS)
    return Object.fromEntries(fields.map(([key, item]) => [key, restored(item, arrays)]));
  if (!Object.hasOwn(ARRAYS, special)) return Number(special);
  // A copy, so that no array keeps the whole file in memory.
  return new ARRAYS[special as ArrayName](new Uint8Array(arrays.subarray(at, at + bytes)).buffer);
}

/**
 * Compares what a checkpoint was made with to what there is now.
 * @throws {@link InvalidOption} naming the first thing that is not as it was
 */
export function checkSame(kind: CheckpointKind, saved: Identity, now: Identity, name: string): void {
  const refuse = (difference: string): never => {
    throw new InvalidOption(`${name}: the checkpoint is of another ${kind}: ${difference}`);
  };
  for (const option in { ...saved.options, ...now.options }) {
    const [then, today] = [saved, now].map(({ options }) => JSON.stringify(options[option]));
    if (then !== today) refuse(`its ${option} was ${shown(then)}, now it is ${shown(today)}`);
  }
  for (const content in { ...saved.content, ...now.content })
    if (saved.content[content] !== now.content[content]) refuse(`it had ${content}`);
}

/** At most 80 characters of an option's JSON. */
function shown(json: string | undefined): string {
  if (json === undefined) return "not given";
  return json.length > 80 ? `${json.slice(0, 79)}…` : json;
}

/**
 * A number of 32 bits that tells data apart: FNV-1a by words of four bytes, stirred after each, at hundreds of megabytes
 * a second. Values other than arrays are hashed as their JSON text.
 */
export function fingerprint(...parts: readonly unknown[]): number {
  let hash = 0x811c9dc5;
  const add = (value: number) => {
    hash = Math.imul(hash ^ value, 0x01000193);
    hash ^= hash >>> 15;
  };
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(part)
      ? part
      : new TextEncoder().encode(JSON.stringify(part));
    const view = new DataView(buffer, byteOffset, byteLength);
    const words = byteLength - (byteLength % 4);
    for (let i = 0; i < words; i += 4) add(view.getInt32(i, true));
    for (let i = words; i < byteLength; i++) add(view.getUint8(i));
  }
  return hash >>> 0;
}
