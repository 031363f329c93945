/** Skid marks: `Particle` of Gymnasium's car_dynamics.py, the last 30 of them in a ring. */
import { MAX_SKID_MARKS, MAX_SKID_POINTS, SKID_MARK_BYTES, SKIDDING, SKIDS_AT } from "./layout.ts";

@unmanaged
class Skids {
  /** Place of the oldest mark in the ring, and count of marks. */
  first: i32;
  count: i32;
}

@unmanaged
class SkidMark {
  points: i32;
  grass: i32;
}

/** The mark that a wheel is drawing. One that newer ones pushed out is still lengthened, unseen: its length decides when the next begins. */
@unmanaged
class Skidding {
  /** 1 if a skid began a step ago. */
  begun: i32;
  /** Points of the mark; 0 for none. */
  points: i32;
  grass: i32;
  /** Place in the ring, or -1 once the mark was pushed out. */
  slot: i32;
}

const skids: Skids = changetype<Skids>(SKIDS_AT);
const FIRST_POINT: usize = offsetof<SkidMark>();

@inline
function markAt(slot: i32): usize {
  return SKIDS_AT + 8 + SKID_MARK_BYTES * slot;
}

@inline
function skidding(w: i32): Skidding {
  return changetype<Skidding>(SKIDDING + offsetof<Skidding>() * w);
}

export function resetSkids(): void {
  memory.fill(SKIDS_AT, 0, SKIDDING + 4 * offsetof<Skidding>() - SKIDS_AT);
}

/** Count of marks. */
export function skidCount(): i32 {
  return skids.count;
}

/** Address of a mark, 0 for the oldest: int number of points, int 1 on grass, then the points. */
export function skidMark(i: i32): usize {
  return markAt((skids.first + i) % MAX_SKID_MARKS);
}

/**
 * Lengthens a wheel's mark, or begins one in the second step of a skid. Both its first points are then the same:
 * Gymnasium keeps a reference to the wheel's position, not the position where the skid began.
 */
export function skid(w: i32, slips: bool, grass: bool, x: f32, y: f32): void {
  const drawn = skidding(w);
  if (!slips) {
    drawn.points = 0;
    drawn.begun = 0;
  } else if (drawn.points && drawn.grass == i32(grass) && drawn.points < MAX_SKID_POINTS) {
    addPoint(drawn, x, y);
  } else if (!drawn.begun) {
    drawn.begun = 1;
  } else {
    drawn.begun = 0;
    drawn.points = 0;
    drawn.grass = i32(grass);
    drawn.slot = newMark(grass);
    addPoint(drawn, x, y);
    addPoint(drawn, x, y);
  }
}

function addPoint(drawn: Skidding, x: f32, y: f32): void {
  const count = drawn.points++;
  if (drawn.slot < 0) return;
  const at = markAt(drawn.slot);
  changetype<SkidMark>(at).points = drawn.points;
  store<f32>(at + FIRST_POINT + 8 * count, x);
  store<f32>(at + FIRST_POINT + 8 * count, y, 4);
}

/** A place in the ring for a new mark; the oldest goes if there is none left. */
function newMark(grass: bool): i32 {
  const slot = (skids.first + skids.count) % MAX_SKID_MARKS;
  if (skids.count == MAX_SKID_MARKS) {
    skids.first = (skids.first + 1) % MAX_SKID_MARKS;
    for (let w = 0; w < 4; w++) if (skidding(w).slot == slot) skidding(w).slot = -1;
  } else {
    skids.count++;
  }
  changetype<SkidMark>(markAt(slot)).grass = i32(grass);
  return slot;
}
