/** The parts of the page that its screens share. */
import type { Controls } from "../input/controls.ts";
import type { Hands } from "../input/hands.ts";
import type { NetworkLibrary } from "../networks/library.ts";
import type { LapTable } from "../race/lap-table.ts";
import type { Stage } from "../stage/stage.ts";
import type { RecordingKeeper } from "../storage/keeper.ts";

/** Ways to show a recording on another screen, by its name. */
export interface Elsewhere {
  /** Plays it on the Watch screen. */
  watch(name: string): Promise<void>;
  /** Races its ghost on the Race screen. */
  race(name: string): Promise<void>;
}

/** Made once by main.ts and handed to every screen. */
export interface Page {
  /** Row of buttons and fields under the view. */
  readonly controls: Controls;
  /** Keyboard, touch pads and gamepads together. */
  readonly hands: Hands;
  /** View, map and readings. */
  readonly stage: Stage;
  /** Storage of recordings. */
  readonly keeper: RecordingKeeper;
  /** Networks that can drive. */
  readonly networks: NetworkLibrary;
  /** Best laps. */
  readonly laps: LapTable;
}
