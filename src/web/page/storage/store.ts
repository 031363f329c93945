/** Where recordings are kept: the server's folder or this browser. Both hold the text of `.episode.json` files. */

/** How an episode ended, for people: the lap is done, the car left the field, the step limit, or the driver stopped. */
export type Result = "lap" | "off field" | "time" | "interrupted";

/** What a list shows of a recording without reading it whole. */
export interface RecordingSummary {
  name: string;
  seed: string;
  steps: number;
  /** Driving reward: sum of all rewards. */
  reward: number;
  result: Result;
  driver: string;
  /** Steps that a person drove in the driver's place. */
  corrected: number;
}

/** A file that cannot be read: it is listed with the reason. */
export interface BrokenRecording {
  name: string;
  error: string;
}

export type Listed = RecordingSummary | BrokenRecording;

export interface RecordingStore {
  list(): Promise<Listed[]>;
  read(name: string): Promise<string>;
  /** Whole or not at all; replaces what has the name. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}
