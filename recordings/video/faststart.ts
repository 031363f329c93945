/**
 * Moves the index of an MP4 to its front, so that a player shows the first frame before the whole file is there
 * (what ffmpeg calls `+faststart`). An MP4 is a sequence of boxes: size (32 bits, big endian), four-letter type,
 * content; `moov` is the index, and its `stco` boxes hold the absolute offsets of the data (ISO/IEC 14496-12).
 */

interface Box {
  type: string;
  start: number;
  end: number;
}

/** Boxes on the way from `moov` to `stco`. */
const CONTAINERS = ["trak", "mdia", "minf", "stbl"];

/** @param mp4 a file with 32-bit sizes and offsets, as h264-mp4-encoder writes it; one whose index is in front already comes back as it is */
export function faststart(mp4: Uint8Array): Uint8Array {
  const view = new DataView(mp4.buffer, mp4.byteOffset, mp4.byteLength);
  const boxes = [...boxesOf(view, 0, mp4.length)];
  const index = boxes.findIndex((box) => box.type === "moov");
  const data = boxes.findIndex((box) => box.type === "mdat");
  if (index < data || index < 0 || data < 0) return mp4;

  const moov = mp4.slice(boxes[index].start, boxes[index].end);
  shiftOffsets(new DataView(moov.buffer), 8, moov.length, moov.length);
  // `ftyp` must stay first; all that follows it moves back by the size of the index.
  const parts = [mp4.subarray(0, boxes[0].end), moov];
  for (const box of boxes.slice(1)) if (box.type !== "moov") parts.push(mp4.subarray(box.start, box.end));
  return new Uint8Array(Buffer.concat(parts));
}

function shiftOffsets(view: DataView, from: number, to: number, shift: number): void {
  for (const { type, start, end } of boxesOf(view, from, to)) {
    if (CONTAINERS.includes(type)) shiftOffsets(view, start + 8, end, shift);
    if (type !== "stco") continue;
    // After the header: version and flags, number of entries, entries.
    for (let at = start + 16; at < end; at += 4) view.setUint32(at, view.getUint32(at) + shift);
  }
}

function* boxesOf(view: DataView, from: number, to: number): Generator<Box> {
  while (from + 8 <= to) {
    const size = view.getUint32(from);
    if (size < 8) return;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(from + i)));
    yield { type, start: from, end: from + size };
    from += size;
  }
}
