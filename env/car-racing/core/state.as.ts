/** The state as one range of memory. A snapshot is a copy of it, and begins with words that identify it. */
import { forgetNear } from "./contacts.as.ts";
import { Episode } from "./episode.as.ts";
import {
  ABI_VERSION,
  BEGUN_COUNT_AT,
  CONTACT_COUNT,
  CONTACTS_PLACE,
  EPISODE_AT,
  HULL_BEGUN_COUNT_AT,
  MAX_TILES,
  SNAPSHOT_AT,
  STATE_AT,
  STATE_MAGIC,
  STATE_MAX_BYTES,
  TILE_COUNT,
} from "./layout.ts";
import { arraysEnd } from "./track.as.ts";

/** @returns bytes of the present state, whose first words it writes */
export function stateBytes(): i32 {
  const bytes = <i32>load<usize>(CONTACTS_PLACE) + 4 * load<i32>(CONTACT_COUNT) - STATE_AT;
  store<i32>(STATE_AT, STATE_MAGIC);
  store<i32>(STATE_AT, ABI_VERSION, 4);
  store<i32>(STATE_AT, bytes, 8);
  return bytes;
}

/** Restores a state from `size` bytes at SNAPSHOT. @returns false if they are not a state; nothing changes then */
export function restoreState(size: i32): bool {
  if (size < EPISODE_AT + <i32>offsetof<Episode>() - STATE_AT || size > STATE_MAX_BYTES) return false;
  if (load<i32>(SNAPSHOT_AT) != STATE_MAGIC || load<i32>(SNAPSHOT_AT, 4) != ABI_VERSION) return false;
  if (load<i32>(SNAPSHOT_AT, 8) != size) return false;
  const shift = SNAPSHOT_AT - STATE_AT;
  const saved = changetype<Episode>(EPISODE_AT + shift);
  const tiles = saved.tileCount;
  const contacts = load<i32>(CONTACT_COUNT + shift);
  if (tiles < 1 || tiles > MAX_TILES || tiles != load<i32>(TILE_COUNT + shift)) return false;
  if (saved.quadCount < tiles || saved.quadCount > 2 * tiles || <u32>contacts > <u32>(4 * tiles)) return false;
  if (arraysEnd(tiles, saved.quadCount) != load<usize>(CONTACTS_PLACE + shift)) return false;
  if (size != <i32>load<usize>(CONTACTS_PLACE + shift) + 4 * contacts - STATE_AT) return false;
  memory.copy(STATE_AT, SNAPSHOT_AT, size);
  store<i32>(BEGUN_COUNT_AT, 0);
  store<i32>(HULL_BEGUN_COUNT_AT, 0);
  forgetNear();
  return true;
}
