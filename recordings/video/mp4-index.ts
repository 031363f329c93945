/**
 * Rewrites the index of an MP4 as h264-mp4-encoder leaves it. Its files play, but cannot be sought in (nothing says
 * which frames are key frames, so players take all of them for such), have the index behind the data (a player must
 * have the whole file before it shows a frame), carry the time of day (the same frames give other bytes) and play at
 * whole numbers of frames a second only.
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

/** Changes that the new index has. */
interface Changes {
  /** Box that lists the key frames. */
  keyFrames: Buffer;
  /** Bytes by which the data move back. */
  shift: number;
  /** Content of the box of frame durations, and their sum; null where the encoder's are right. */
  timing: { durations: Buffer; total: number } | null;
}

/** Units of time in a second, in all boxes of the encoder's files. */
const TIMESCALE = 90_000;

/**
 * Rewrites the index of a file.
 * @param fps frames a second, above 0; the encoder knows whole numbers only, so any other is put into the index here
 * @returns the file with its index in front, key frames listed and times of creation zero
 */
export function rewriteIndex(mp4: Uint8Array, fps: number): Uint8Array {
  const boxes = [...boxesOf(Buffer.from(mp4.buffer, mp4.byteOffset, mp4.byteLength))];
  const named = (type: string) => boxes.find((box) => box.type === type)!;
  const sizes = sampleSizes(named("moov"));
  const keyFrames = keyFrameBox(listKeyFrames(named("mdat").content, sizes));
  const timing = Number.isInteger(fps) ? null : timingOf(sizes.length, fps);
  // Offsets take the same room whatever they are: the first index is made for its length.
  const { length } = rewrite(named("moov"), { keyFrames, timing, shift: 0 });
  const index = rewrite(named("moov"), { keyFrames, timing, shift: length });
  // `ftyp` stays first; all that follows it moves back by the size of the index.
  const rest = boxes.filter((box) => box.type !== "ftyp" && box.type !== "moov");
  return Buffer.concat([named("ftyp").bytes, index, ...rest.map((box) => box.bytes)]);
}

function rewrite(box: Box, changes: Changes): Buffer {
  const { keyFrames, shift, timing } = changes;
  if (CONTAINERS.includes(box.type)) {
    const parts = [...boxesOf(box.content)].map((child) => rewrite(child, changes));
    if (box.type === "stbl") parts.push(keyFrames);
    return makeBox(box.type, Buffer.concat(parts));
  }
  if (timing && box.type === "stts") return makeBox(box.type, timing.durations);
  const content = Buffer.from(box.content);
  // After version, flags, times of creation and modification: timescale, duration; in tkhd number and a blank, duration.
  if (timing && ["mvhd", "mdhd"].includes(box.type)) content.writeUInt32BE(timing.total, 16);
  if (timing && box.type === "tkhd") content.writeUInt32BE(timing.total, 20);
  // After version and flags: times of creation and modification.
  if (["mvhd", "tkhd", "mdhd"].includes(box.type)) content.fill(0, 4, 12);
  // After version, flags and number of entries: offsets of the data in the file.
  if (box.type === "stco")
    for (let at = 8; at < content.length; at += 4)
      content.writeUInt32BE(content.readUInt32BE(at) + shift, at);
  return makeBox(box.type, content);
}

/**
 * Durations of the frames, `stts`: version and flags, number of runs, and of each run its frames and their duration. They
 * are rounded so that they add up: frame n ends at the whole unit nearest to (n + 1) / fps.
 */
function timingOf(frames: number, fps: number): { durations: Buffer; total: number } {
  const runs: [frames: number, duration: number][] = [];
  let total = 0;
  for (let frame = 1; frame <= frames; frame++) {
    const end = Math.round((frame * TIMESCALE) / fps);
    const last = runs.at(-1);
    if (last?.[1] === end - total) last[0]++;
    else runs.push([1, end - total]);
    total = end;
  }
  const durations = Buffer.alloc(8 + 8 * runs.length);
  durations.writeUInt32BE(runs.length, 4);
  for (const [i, [count, duration]] of runs.entries()) {
    durations.writeUInt32BE(count, 8 + 8 * i);
    durations.writeUInt32BE(duration, 12 + 8 * i);
  }
  return { durations, total };
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
