/** What a figure of the reproduction is: how it is measured and what it shows. */
import type { Table } from "../show/page.ts";
import type { Materials } from "./materials.ts";
import type { Settings } from "./settings.ts";
import type { Workspace } from "./workspace.ts";

/** What figures work with. */
export interface Lab {
  settings: Settings;
  workspace: Workspace;
  materials: Materials;
}

/** One picture: `NAME.svg`, `NAME.png` and `NAME.json` are written for it. */
export interface Panel {
  /** "fig2a" */
  name: string;
  svg: string;
  caption: string;
  /** All that the picture shows, plain JSON. */
  data: object;
  /** Points in three dimensions for the report's interactive views. */
  clouds?: readonly Cloud[];
}

/** Points of an interactive view. */
export interface Cloud {
  title: string;
  /** Of each; z is shown by colour as well. */
  points: readonly (readonly [x: number, y: number, z: number])[];
  /** Index of the point drawn as a large blue dot. */
  original: number;
  /** Names of the axes. */
  axes: readonly [string, string, string];
}

/** What a figure came to. */
export interface FigureResult {
  panels: Panel[];
  /** A file of the workspace that the report takes in. */
  video?: { name: string; caption: string };
  /** What was found, in plain paragraphs with the numbers. */
  text: string[];
  /** The paper's numbers beside the measured ones. */
  table?: Table;
  /** What the report says of it at a glance. */
  findings?: readonly Finding[];
}

/** One thing that the paper says, in a few words and numbers, and what was measured. */
export interface Finding {
  what: string;
  /** Empty where the paper gives no number. */
  paper: string;
  measured: string;
}

export interface Figure {
  /** "fig2a", as `--only` names it. */
  id: string;
  title: string;
  run(lab: Lab): Promise<FigureResult>;
}

/** What the report shows of a result. */
export interface ShownResult extends Omit<FigureResult, "panels"> {
  panels: Omit<Panel, "data">[];
}

/** What became of a figure. */
export interface Outcome {
  figure: Figure;
  /** None before enough of it is measured, or when it failed. */
  result?: ShownResult;
  /** Why it failed. */
  error?: string;
  /** Names of what was asked for and is still to be measured. */
  missing: string[];
}

/** The command that makes a figure again. */
export function commandOf(figure: Figure, settings: "quick" | "full"): string {
  return `npx tritrack paper --out DIR${settings === "quick" ? " --quick" : ""} --only ${figure.id}`;
}

/** "55,000", for captions. */
export function whole(count: number): string {
  return count.toLocaleString("en");
}

/** A share from 0 to 1 in percent, for tables and captions. */
export function percent(share: number, digits = 2): string {
  return (100 * share).toFixed(digits);
}
