/** Figures of the reproduction: how each is measured, and what the report shows of it. */
import type { Table } from "../show/pages/page.ts";
import type { Materials } from "./materials.ts";
import type { Settings } from "./settings.ts";
import type { Workspace } from "./workspace.ts";

/** The means with which a figure measures. */
export interface Lab {
  /** Sizes of the experiments. */
  settings: Settings;
  /** The folder that keeps what was measured. */
  workspace: Workspace;
  /** Data and networks that figures share. */
  materials: Materials;
}

/** One picture. `NAME.svg`, `NAME.png` and `NAME.json` are written for it. */
export interface Panel {
  /** Name of its files, such as "fig2a". */
  name: string;
  /** The picture. */
  svg: string;
  /** Plain text below it. */
  caption: string;
  /** Everything that the picture shows, plain JSON. */
  data: object;
  /** Points in three dimensions for interactive views in the report. Default: none */
  clouds?: readonly Cloud[];
}

/** Points of an interactive view. */
export interface Cloud {
  /** Name of the view. */
  title: string;
  /** The places; colour shows z as well. */
  points: readonly (readonly [x: number, y: number, z: number])[];
  /** Index of the point that is drawn as a large blue dot. */
  original: number;
  /** Names of the axes. */
  axes: readonly [x: string, y: string, z: string];
}

/** Everything that a figure found. */
export interface FigureResult {
  /** Its pictures. */
  panels: Panel[];
  /** A video in the workspace's folder, which the report takes in. Default: none */
  video?: { name: string; caption: string };
  /** The findings with their numbers, in plain paragraphs. */
  text: string[];
  /** The paper's numbers beside the measured ones. Default: none */
  table?: Table;
  /** Lines for the overview at the top of the report. Default: none */
  findings?: readonly Finding[];
}

/** One number or claim of the paper beside what was measured. */
export interface Finding {
  /** The quantity. */
  what: string;
  /** The paper's value; empty where it gives no number. */
  paper: string;
  /** The measured value. */
  measured: string;
}

/** A figure of the report. */
export interface Figure {
  /** Id by which `--only` names it, such as "fig2a". */
  id: string;
  /** Heading in the report. */
  title: string;
  /**
   * Measures what the workspace does not hold yet and makes the pictures.
   * @throws NotMeasured when too little of it is measured so far
   */
  run(lab: Lab): Promise<FigureResult>;
}

/** The part of a result that the report shows; a panel's data are in its JSON file. */
export interface ShownResult extends Omit<FigureResult, "panels"> {
  /** Pictures and captions. */
  panels: Omit<Panel, "data">[];
}

/** Outcome of a figure. */
export interface Outcome {
  /** The figure. */
  figure: Figure;
  /** Its result. Missing before enough is measured, or when it failed. */
  result?: ShownResult;
  /** Message of the error with which it failed. Missing when it did not. */
  error?: string;
  /** Names of points that are still to be measured. */
  missing: string[];
}

/** The command line that makes a figure again. */
export function commandOf(figure: Figure, settings: "quick" | "full"): string {
  return `npx tritrack paper --out DIR${settings === "quick" ? " --quick" : ""} --only ${figure.id}`;
}

/** A whole number with separators, such as "55,000". */
export function whole(count: number): string {
  return count.toLocaleString("en");
}

/**
 * A share in percent, without the sign.
 * @param share from 0 to 1
 * @param digits after the point. Default: 2
 */
export function percent(share: number, digits = 2): string {
  return (100 * share).toFixed(digits);
}
