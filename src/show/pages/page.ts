/**
 * One self-contained HTML page: a title, a lead, and sections of text, tables, pictures and videos. Readable on a
 * phone and in print, with nothing loaded from elsewhere (a video may stay a file beside it).
 */

export interface Table {
  /** Cells are words, not numbers: aligned to the left. */
  words?: boolean;
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

export interface Section {
  heading: string;
  /** Plain paragraphs. */
  text?: readonly string[];
  table?: Table;
  /** SVG as `charts.ts` makes it. */
  svg?: string;
  /** Caption of the picture or video. */
  caption?: string;
  /** Relative address of a video. */
  video?: string;
  /** More pictures, each HTML of the caller's own making, with its caption; a wide one goes beyond the text's margins. */
  figures?: readonly { html: string; caption: string; wide?: boolean }[];
  /** The command that makes it. */
  code?: string;
}

export function reportPage(report: { title: string; lead: string; sections: readonly Section[] }): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.7rem; margin-bottom: 0.2rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: right; padding: 0.25rem 0.6rem; border-bottom: 1px solid #ddd; } th:first-child, td:first-child { text-align: left; }
  figure { margin: 1rem 0; } figure.wide { width: min(80rem, 100vw - 3rem); position: relative; left: 50%; transform: translateX(-50%); text-align: center; }
  figure.wide figcaption { max-width: 46rem; margin: 0 auto; text-align: left; }
  figure svg, video { max-width: 100%; height: auto; } figcaption { color: #555; font-size: 0.9rem; }
  .scroll { overflow-x: auto; } table.words th, table.words td { text-align: left; vertical-align: top; } table.words td:first-child { white-space: nowrap; }
  pre { background: #f5f5f5; padding: 0.4rem 0.6rem; overflow-x: auto; font-size: 0.85rem; }
  @media screen { table:not(.words) td + td { white-space: nowrap; } }
  @media screen and (max-width: 46rem) { figure svg { min-width: 30rem; } figure.wide svg { min-width: 58rem; } }
  @media print { canvas, video { display: none; } figure.wide { width: 100%; } table { font-size: 0.8rem; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; } }
  .lead { color: #444; margin-top: 0; } video { border: 1px solid #ccc; }
</style>
<h1>${escapeHtml(report.title)}</h1>
<p class="lead">${escapeHtml(report.lead)}</p>
${report.sections.map(section).join("\n")}
</html>
`;
}

function section(part: Section): string {
  const picture =
    part.svg ??
    (part.video && `<video controls loop muted playsinline src="${escapeHtml(part.video)}"></video>`);
  const pictures = [
    ...(picture ? [{ html: picture, caption: part.caption ?? "", wide: false }] : []),
    ...(part.figures ?? []),
  ];
  return [
    `<h2>${escapeHtml(part.heading)}</h2>`,
    ...(part.text ?? []).map((text) => `<p>${escapeHtml(text)}</p>`),
    part.table ? table(part.table) : "",
    ...pictures.map(
      ({ html, caption, wide }) =>
        `<figure${wide ? ' class="wide"' : ""}><div class="scroll">${html}</div><figcaption>${escapeHtml(caption)}</figcaption></figure>`,
    ),
    part.code ? `<pre><code>${escapeHtml(part.code)}</code></pre>` : "",
  ].join("\n");
}

function table({ words = false, columns, rows }: Table): string {
  const row = (cells: readonly (string | number)[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll"><table${words ? ' class="words"' : ""}><thead>${row(columns, "th")}</thead><tbody>${rows.map((cells) => row(cells, "td")).join("")}</tbody></table></div>`;
}

/** Text as HTML and SVG take it. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (c) => names[c]);
}
