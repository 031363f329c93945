/** Charts show their data, and text cannot break out of a report page. */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { stripChart } from "../../src/show/charts/dots.ts";
import { lineChart } from "../../src/show/charts/lines.ts";
import { trackMap } from "../../src/show/charts/track-map.ts";
import { reportPage } from "../../src/show/pages/page.ts";

const parse = (html: string) => parseHTML(html).document;

test("a strip chart has a dot an episode and a bar a driver, and is the same every time", () => {
  const options = {
    x: { label: "driving reward" },
    groups: [
      { name: "before", values: [1, 2, 3] },
      { name: "after", values: [4, 5] },
    ],
  };
  const svg = parse(stripChart(options));
  expect(svg.querySelectorAll("circle").length).toBe(5);
  expect(svg.querySelectorAll('[aria-label="tick"] line').length).toBe(2);
  expect(svg.toString()).toContain("driving reward");
  expect(stripChart(options)).toBe(stripChart(options));
});

test("a line chart names its series and axes", () => {
  const chart = lineChart({
    x: { label: "step" },
    y: { label: "loss" },
    series: [
      {
        name: "dense",
        points: [
          [0, 1],
          [1, 0.5],
        ],
      },
      {
        name: "ternary",
        points: [
          [2, 0.6],
          [3, 0.2],
        ],
      },
    ],
  });
  for (const word of ["step", "loss", "dense", "ternary"]) expect(chart).toContain(word);
  expect(parse(chart).querySelectorAll('[aria-label="line"] path').length).toBe(2);
});

test("a track map has a dot for each place and says the greatest speed", () => {
  const track = Float64Array.from([0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 100, 100, 0, 0, 0, 100]);
  const path = Array.from({ length: 30 }, (_, i) => ({ x: i * 3, y: 0, speed: i }));
  const map = trackMap({ track, path });
  expect(parse(map).querySelectorAll("circle").length).toBe(30);
  expect(map).toContain("29 units/s");
});

test("a page escapes its texts", () => {
  const page = reportPage({
    title: "<script>alert(1)</script>",
    lead: 'a "quoted" & <b>bold</b> lead',
    sections: [
      { heading: "<i>", text: ["<u>"], table: { columns: ["<td>"], rows: [["</table>"]] }, video: '"x' },
    ],
  });
  const document = parse(page);
  expect(document.querySelectorAll("script, b, i, u").length).toBe(0);
  expect(document.querySelector("td")?.textContent).toBe("</table>");
  expect(document.querySelector("video")?.getAttribute("src")).toBe('"x');
});
