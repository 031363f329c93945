/**
 * Rewrites the index of an MP4 as h264-mp4-encoder leaves it. Its files play, but cannot be sought in (nothing says
 * which frames are key frames, so players take all of them for such), have the index behind the data (a player must
 * have the whole file before it shows a frame) and carry the time of day (the same frames give other bytes).
 *
 * An MP4 is a sequence of boxes: size (32 bits, big endian), four-letter type, content; `moov` is the index
 * (ISO/IEC 14496-12). Its video is a sequence of NAL units with their size in front; type 5 is a key frame's (H.264).
 */

interface Box {
  type: string;
  /** Header included. */
  bytes: Buffer;
  /** Without the header of 8 bytes. */
  content: Buffer;
}

/** Boxes on the way from `moov` to those that change. */
const CONTAINERS = ["moov", "trak", "mdia", "minf", "stbl"];
const KEY_FRAME = 5;

/** @returns the file with its index in front, key frames listed and times of creation zero */
export function rewriteIndex(mp4: Uint8Array): Uint8Array {
  const boxes = [...boxesOf(Buffer.from(mp4.buffer, mp4.byteOffset, mp4.byteLength))];
  const named = (type: string) => boxes.find((box) => box.type === type)!;
  const keyFrames = listKeyFrames(named("mdat").content, sampleSizes(named("moov")));
  const list = keyFrameBox(keyFrames);
  const index = rewrite(named("moov"), list, named("moov").bytes.length + list.length);
  // `ftyp` stays first; all that follows it moves back by the size of the index.
  const rest = boxes.filter((box) => box.type !== "ftyp" && box.type !== "moov");
  return Buffer.concat([named("ftyp").bytes, index, ...rest.map((box) => box.bytes)]);
}

/** @param shift bytes by which the data moves back */
function rewrite(box: Box, keyFrames: Buffer, shift: number): Buffer {
  if (CONTAINERS.includes(box.type)) {
    const parts = [...boxesOf(box.content)].map((child) => rewrite(child, keyFrames, shift));
    if (box.type === "stbl") parts.push(keyFrames);
    return makeBox(box.type, Buffer.concat(parts));
  }
  const content = Buffer.from(box.content);
  // After version and flags: times of creation and modification.
  if (["mvhd", "tkhd", "mdhd"].includes(box.type)) content.fill(0, 4, 12);
  // After version, flags and number of entries: offsets of the data in the file.
  if (box.type === "stco")
    for (let at = 8; at < content.length; at += 4)
      content.writeUInt32BE(content.readUInt32BE(at) + shift, at);
  return makeBox(box.type, content);
}

/** Bytes of every frame, from the box `stsz` inside: version and flags, common size (0), number, sizes. */
function sampleSizes(box: Box): number[] {
  if (box.type === "stsz")
    return Array.from({ length: box.content.readUInt32BE(8) }, (_, i) =>
      box.content.readUInt32BE(12 + 4 * i),
    );
  return CONTAINERS.includes(box.type) ? [...boxesOf(box.content)].flatMap(sampleSizes) : [];
}

/** Numbers, from 1, of the frames that have a NAL unit of a key frame. With one track, frames lie in order without gaps. */
function listKeyFrames(data: Buffer, sizes: readonly number[]): number[] {
  const keyFrames: number[] = [];
  let at = 0;
  for (const [index, size] of sizes.entries()) {
    const end = at + size;
    let isKeyFrame = false;
    for (; at < end; at += 4 + data.readUInt32BE(at)) isKeyFrame ||= (data[at + 4] & 31) === KEY_FRAME;
    if (isKeyFrame) keyFrames.push(index + 1);
  }
  return keyFrames;
}

/** `stss`: version and flags, number, frame numbers. */
function keyFrameBox(keyFrames: readonly number[]): Buffer {
  const content = Buffer.alloc(8 + 4 * keyFrames.length);
  content.writeUInt32BE(keyFrames.length, 4);
  for (const [i, frame] of keyFrames.entries()) content.writeUInt32BE(frame, 8 + 4 * i);
  return makeBox("stss", content);
}

function makeBox(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.length);
  header.write(type, 4, "latin1");
  return Buffer.concat([header, content]);
}

function* boxesOf(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const box = bytes.subarray(at, at + bytes.readUInt32BE(at));
    yield { type: box.toString("latin1", 4, 8), bytes: box, content: box.subarray(8) };
    at += box.length;
  }
}
