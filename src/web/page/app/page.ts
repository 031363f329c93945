/** What the screens of the page share. */
import type { Controls } from "../input/controls.ts";
import type { Hands } from "../input/hands.ts";
import type { NetworkLibrary } from "../networks/library.ts";
import type { LapTable } from "../race/lap-table.ts";
import type { Stage } from "../stage/stage.ts";
import type { RecordingKeeper } from "../storage/keeper.ts";

export interface Page {
  readonly controls: Controls;
  readonly hands: Hands;
  readonly stage: Stage;
  readonly keeper: RecordingKeeper;
  readonly networks: NetworkLibrary;
  readonly laps: LapTable;
}
