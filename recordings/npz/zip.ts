/**
 * Zip archives, as `numpy.savez` writes them, read piece by piece (PKWARE's APPNOTE 6.3.10; section numbers below).
 * An entry is unpacked only when its turn comes, never to more than its declared size, and its checksum is compared.
 * Encrypted, split and otherwise packed entries are not read.
 */
import { Inflate } from "fflate";
import { CorruptFile } from "../../env/errors.ts";
import type { ByteSource } from "../byte-source.ts";

/** One file of an archive. */
export interface ZipEntry {
  /** Its path in the archive, as it stands there. */
  name: string;
  /** Bytes once unpacked, as declared. */
  size: number;
  /** Bytes in the archive. */
  packed: number;
  /** 0 stored, 8 deflated. */
  method: number;
  /** CRC-32 of the unpacked bytes. */
  crc: number;
  /** True if a password is needed, which is not supported. */
  isEncrypted: boolean;
  /** Offset of its local header. */
  offset: number;
}

/** Bytes of the directory, and files in it, that are read at most. */
const MAX_DIRECTORY_BYTES = 4 * 2 ** 20;
const MAX_ENTRIES = 10_000;
/** Longest comment of an archive, bytes: the end record lies within this of the end (4.3.16). */
const MAX_COMMENT = 65_535;
const END_RECORD = 22;
const END64_LOCATOR = 20;
/** Bytes that are unpacked at once: deflate makes at most 1032 of one. */
const PIECE = 4096;
const MAX_RATIO = 1032;
/** Bytes of stored entries that are read at once. */
const STORED_PIECE = 2 ** 20;

const SIGNATURES = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
};

/**
 * The files of an archive, in the order of its directory.
 * @throws CorruptFile where there is no directory, or one of more than 10,000 files or 4 MiB
 */
export function readZipDirectory(source: ByteSource): ZipEntry[] {
  const { count, size, offset } = findDirectory(source);
  if (count > MAX_ENTRIES || size > MAX_DIRECTORY_BYTES)
    throw new CorruptFile(`expected at most ${MAX_ENTRIES} arrays in the archive, got ${count}`);
  const bytes = source.read(offset, size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    // 4.3.12: 46 bytes, then name, extra field and comment.
    if (at + 46 > size || view.getUint32(at, true) !== SIGNATURES.central) throw damaged();
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    );
    const end = at + 46 + nameLength + extraLength + commentLength;
    if (end > size) throw damaged();
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const entry: ZipEntry = {
      name,
      size: view.getUint32(at + 24, true),
      packed: view.getUint32(at + 20, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      offset: view.getUint32(at + 42, true),
    };
    const extra = at + 46 + nameLength;
    widen(entry, new DataView(bytes.buffer, bytes.byteOffset + extra, extraLength));
    entries.push(entry);
    at = end;
  }
  return entries;
}

/** 4.5.3: sizes and offsets that 32 bits do not hold stand in an extra field, in this order. */
function widen(entry: ZipEntry, extra: DataView): void {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, length] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    if (id === 1) {
      let from = at + 4;
      for (const field of ["size", "packed", "offset"] as const) {
        if (entry[field] !== 0xffffffff) continue;
        if (from + 8 > Math.min(at + 4 + length, extra.byteLength)) throw damaged();
        entry[field] = Number(extra.getBigUint64(from, true));
        from += 8;
      }
    }
    at += 4 + length;
  }
}

function findDirectory(source: ByteSource): { count: number; size: number; offset: number } {
  const tailLength = Math.min(source.size, END_RECORD + MAX_COMMENT + END64_LOCATOR);
  const tailStart = source.size - tailLength;
  const tail = source.read(tailStart, tailLength);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tailLength - END_RECORD; at >= 0; at--) {
    if (view.getUint32(at, true) !== SIGNATURES.end) continue;
    const record = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const locator = at - END64_LOCATOR;
    if (locator < 0 || view.getUint32(locator, true) !== SIGNATURES.locator64) return record;
    // 4.3.14: the 64-bit record, where the locator before the end record says.
    const end64 = source.read(Number(view.getBigUint64(locator + 8, true)), 56);
    const view64 = new DataView(end64.buffer, end64.byteOffset, end64.byteLength);
    if (view64.getUint32(0, true) !== SIGNATURES.end64) throw damaged();
    const [count, size, offset] = [32, 40, 48].map((field) => Number(view64.getBigUint64(field, true)));
    return { count, size, offset };
  }
  throw damaged();
}

/**
 * The unpacked bytes of a file, in pieces.
 * @throws CorruptFile on damage, a wrong checksum or size, encryption or another method of packing
 */
export function* unzipPieces(source: ByteSource, entry: ZipEntry): Generator<Uint8Array, void, undefined> {
  checkEntry(entry);
  // 4.3.7: the local header has name and extra field of lengths of its own.
  const header = source.read(entry.offset, 30);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== SIGNATURES.local) throw damaged();
  const start = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  let left = entry.size;
  let crc = 0xffffffff;
  for (const piece of entry.method === 0 ? stored(source, start, entry) : inflated(source, start, entry)) {
    left -= piece.length;
    if (left < 0) throw new CorruptFile(`expected ${entry.size} bytes, got more (damaged?)`);
    for (const byte of piece) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 255];
    yield piece;
  }
  if (left !== 0 || (crc ^ 0xffffffff) >>> 0 !== entry.crc)
    throw new CorruptFile("expected the bytes that the checksum is of (damaged?)");
}

function checkEntry({ method, isEncrypted, size, packed }: ZipEntry): void {
  if (isEncrypted) throw new CorruptFile("expected an archive without a password");
  if (method !== 0 && method !== 8)
    throw new CorruptFile(`expected stored or deflated arrays, got method ${method}`);
  const isPossible = method === 8 ? size <= packed * MAX_RATIO && packed <= 2 * size + 1024 : size === packed;
  if (!isPossible) throw new CorruptFile(`expected other sizes than ${packed} bytes that unpack to ${size}`);
}

function* stored(source: ByteSource, start: number, { packed }: ZipEntry): Generator<Uint8Array> {
  for (let at = 0; at < packed; at += STORED_PIECE)
    yield source.read(start + at, Math.min(STORED_PIECE, packed - at));
}

function* inflated(source: ByteSource, start: number, { packed }: ZipEntry): Generator<Uint8Array> {
  let pieces: Uint8Array[] = [];
  const inflate = new Inflate((piece) => pieces.push(piece));
  for (let at = 0; at < packed; at += PIECE) {
    const length = Math.min(PIECE, packed - at);
    try {
      // A copy: the library may keep a part of it for later.
      inflate.push(source.read(start + at, length).slice(), at + length === packed);
    } catch (error) {
      if (error instanceof CorruptFile) throw error;
      throw damaged();
    }
    yield* pieces;
    pieces = [];
  }
}

function damaged(): CorruptFile {
  return new CorruptFile("expected a zip archive (truncated or damaged?)");
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
