/**
 * The reproduction as one HTML page that needs no file beside it: an overview, then each figure with its pictures, its
 * video, its table and the command that makes it again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sizeOf } from "../show/charts/chart.ts";
import { type Picture, reportPage, type Section } from "../show/pages/page.ts";
import { cloudView } from "./cloud-view.ts";
import { commandOf, type Figure, type Outcome, type ShownResult } from "./figure.ts";
import type { Settings } from "./settings.ts";

/** Width of the page's text, CSS pixels. Wider pictures reach into its margins. */
const COLUMN = 736;

/**
 * The page as HTML text.
 * @param outcomes in the order of the report
 * @param folder where the videos are
 */
export function paperReport(outcomes: readonly Outcome[], settings: Settings, folder: string): string {
  return reportPage({
    title: "Architecture Agnostic Neural Networks, measured afresh",
    lead: `Every figure of Talukder, Raghavan and Yue (2020), made by one command from seeds, with the paper's numbers beside the measured ones. Settings: ${settings.name}${settings.name === "quick" ? " (small sizes, to see every figure in minutes; the full run is what counts)" : ""}.`,
    sections: [overview(outcomes), ...outcomes.map((outcome) => figureSection(outcome, settings, folder))],
  });
}

/** The findings of all figures in one table. */
function overview(outcomes: readonly Outcome[]): Section {
  return {
    heading: "At a glance",
    table: {
      words: true,
      columns: ["", "", "the paper", "measured"],
      rows: outcomes.flatMap(({ figure, result }) =>
        (result?.findings ?? []).map(({ what, paper, measured }, i) => [
          i === 0 ? nameOf(figure) : "",
          what,
          paper,
          measured,
        ]),
      ),
    },
  };
}

/** The id for people: "Fig 2a", "Families". */
function nameOf({ id }: Figure): string {
  return id.startsWith("fig") ? id.replace("fig", "Fig ") : id.charAt(0).toUpperCase() + id.slice(1);
}

function figureSection({ figure, result, error }: Outcome, settings: Settings, folder: string): Section {
  const { id, title } = figure;
  const heading = id.startsWith("fig") ? `${nameOf(figure)}: ${title}` : title;
  const command = commandOf(figure, settings.name);
  if (!result) return { heading, text: [`Not made: ${error ?? "not measured yet"}`], code: command };
  const { text, table } = result;
  return { heading, text, figures: pictures(result, folder), table, code: command };
}

/** Pictures with their interactive views, then the video, which is embedded. */
function pictures({ panels, video }: ShownResult, folder: string): Picture[] {
  return [
    ...panels.map(({ svg, caption, clouds = [], name }) => ({
      html: svg + clouds.map((cloud, i) => cloudView(cloud, `${name}-${i}`)).join(""),
      caption,
      wide: sizeOf(svg)[0] > COLUMN,
    })),
    ...(video
      ? [
          {
            html: `<video controls muted loop playsinline src="data:video/mp4;base64,${readFileSync(join(folder, video.name)).toString("base64")}"></video>`,
            caption: video.caption,
          },
        ]
      : []),
  ];
}
