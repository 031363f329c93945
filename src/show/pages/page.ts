/**
 * One self-contained HTML page: a title, a lead, and sections of text, tables, pictures and videos.
 *
 * It is readable on a phone and in print, and loads nothing from elsewhere; only a video may stay a file beside it.
 */

/** A table of a page. */
export interface Table {
  /** True aligns cells to the left, for words instead of numbers. Default: false */
  words?: boolean;
  /** Headings of the columns. */
  columns: readonly string[];
  /** Cells, row by row. */
  rows: readonly (readonly (string | number)[])[];
}

/** A picture of a page. */
export interface Picture {
  /** HTML or SVG text, inserted as it is. */
  html: string;
  /** Plain text below it. */
  caption: string;
  /** True lets it reach beyond the margins of the text. Default: false */
  wide?: boolean;
}

/** A section of a page. Its parts appear in the order of these members; each may be left out. */
export interface Section {
  /** Heading, plain text. */
  heading: string;
  /** Paragraphs, plain text. */
  text?: readonly string[];
  /** A table. */
  table?: Table;
  /** A picture, as the files in `charts/` make it. Leave out `video` then. */
  svg?: string;
  /** Address of a video, relative to the page. */
  video?: string;
  /** Caption of `svg` or `video`. Default: none */
  caption?: string;
  /** Further pictures. */
  figures?: readonly Picture[];
  /** A command line. */
  code?: string;
}

/** The page as HTML text. Plain text in it is escaped. */
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
  const html =
    part.svg ??
    (part.video && `<video controls loop muted playsinline src="${escapeHtml(part.video)}"></video>`);
  const pictures: readonly Picture[] = [
    ...(html ? [{ html, caption: part.caption ?? "" }] : []),
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

/** Plain text with the characters replaced that mean something in HTML and SVG. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (c) => names[c]);
}
