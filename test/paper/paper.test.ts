/** The reproduction: points that are measured once, distances, shares, and a report that survives a failing figure. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { PNG } from "pngjs";
import { afterAll, expect, test } from "vitest";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { temporaryName } from "../../recordings/files/atomic.ts";
import { embed, squaredDistance } from "../../src/paper/embedding.ts";
import { shares } from "../../src/paper/neighbourhood.ts";
import { reproducePaper } from "../../src/paper/paper.ts";
import { addRuns, countRuns, type Runs } from "../../src/paper/runs.ts";
import { allOf, NotMeasured, Workspace } from "../../src/paper/workspace.ts";
import { binned } from "../../src/show/charts/histogram.ts";

const folder = mkdtempSync(join(tmpdir(), "tritrack-paper-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a point is measured once, and again if its inputs have changed or its file is damaged", async () => {
  const computed: string[] = [];
  let over = false;
  const workspace = new Workspace(join(folder, "points"), {
    onPoint: (name) => computed.push(name),
    isOver: () => over,
  });
  const point = (seed: number) => workspace.point("fig/a", { seed }, () => ({ value: seed * 2 }));
  expect(await point(1)).toEqual({ value: 2 });
  expect(await point(1)).toEqual({ value: 2 });
  expect(computed).toEqual(["fig/a"]);
  expect(await point(2)).toEqual({ value: 4 });
  expect(computed).toHaveLength(2);
  writeFileSync(join(folder, "points/points/fig/a.json"), "{");
  expect(await point(2)).toEqual({ value: 4 });
  expect(computed).toHaveLength(3);
  over = true;
  expect(await point(2)).toEqual({ value: 4 });
  await expect(point(5)).rejects.toThrow("fig/a is not measured yet");
  expect([...workspace.missing]).toEqual(["fig/a"]);
});

test("a network is made once, and again when its file is damaged", async () => {
  let made = 0;
  const workspace = new Workspace(join(folder, "networks"));
  const network = () =>
    workspace.network("random", { seed: 1 }, () => {
      made++;
      return randomNetwork(mnistArchitecture, 90, 1);
    });
  const first = await network();
  expect((await network()).weights).toEqual(first.weights);
  expect(made).toBe(1);
  const file = join(folder, "networks/networks/random.safetensors");
  writeFileSync(file, readFileSync(file).subarray(0, 1000));
  expect((await network()).weights).toEqual(first.weights);
  expect(made).toBe(2);
});

test("a point with a file of its own is measured again without it", async () => {
  const workspace = new Workspace(join(folder, "files"));
  let made = 0;
  const film = () => workspace.point("film", {}, () => workspace.write("film.mp4", `${++made}`), "film.mp4");
  await film();
  await film();
  expect(made).toBe(1);
  rmSync(join(folder, "files/film.mp4"));
  await film();
  expect(made).toBe(2);
});

test("temporary files that killed processes left in the folder are removed, those of running ones stay", () => {
  const out = join(folder, "swept");
  new Workspace(out).keep("fig/a", {});
  const own = temporaryName(join(out, "points/fig/b.json"));
  // No process has a number above the system's greatest, 2^22.
  const dead = own.replace(/-\d+-/, `-${2 ** 22 + 1}-`);
  for (const path of [own, dead]) writeFileSync(path, "{");
  new Workspace(out);
  expect([existsSync(own), existsSync(dead)]).toEqual([true, false]);
  expect(existsSync(join(out, "points/fig/a.json"))).toBe(true);
});

test("every one of several points is tried though one is not measured yet; another error ends them at once", async () => {
  const asked: number[] = [];
  const ask = (number: number, error?: Error) => async () => {
    asked.push(number);
    if (error) throw error;
    return number;
  };
  expect(await allOf(ask(1), ask(2))).toEqual([1, 2]);
  await expect(allOf(ask(3, new NotMeasured("later")), ask(4))).rejects.toThrow("later");
  await expect(allOf(ask(5, new TypeError("broken")), ask(6))).rejects.toThrow("broken");
  expect(asked).toEqual([1, 2, 3, 4, 5]);
});

test("a folder is of the quick run or of the full one", async () => {
  const out = join(folder, "kinds");
  await reproducePaper({ out, only: ["fig1"] });
  const before = readFileSync(join(out, "fig1.json"));
  await expect(reproducePaper({ out, quick: true, only: ["fig1"] })).rejects.toThrow(
    /kinds: expected a folder of the quick run, got one of the full run; choose another folder$/,
  );
  expect(readFileSync(join(out, "fig1.json"))).toEqual(before);
});

test("distances of networks are those of their weight vectors", () => {
  const size = 12;
  const change = fc.uniqueArray(fc.tuple(fc.nat(size - 1), fc.integer({ min: -2, max: 2 })), {
    selector: ([index]) => index,
  });
  fc.assert(
    fc.property(change, change, (a, b) => {
      const [x, y] = [a, b].map((changes) => {
        const vector = new Array<number>(size).fill(0);
        for (const [index, by] of changes) vector[index] = by;
        return vector;
      });
      const expected = x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0);
      expect(squaredDistance(new Map(a), new Map(b))).toBe(expected);
    }),
  );
});

test("t-SNE gives the same places from the same seed, and sets two clusters apart", async () => {
  const clusters = Array.from(
    { length: 40 },
    (_, i) =>
      new Map([
        [i < 20 ? 0 : 1, 8],
        [2 + i, 1],
      ]),
  );
  const places = await embed(clusters, { seed: 1, iterations: 300 });
  expect(await embed(clusters, { seed: 1, iterations: 300 })).toEqual(places);
  const centre = (from: number) =>
    [0, 1].map((axis) => places.slice(from, from + 20).reduce((sum, p) => sum + p[axis] / 20, 0));
  const distance = (a: number[], b: number[]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const [first, second] = [centre(0), centre(20)];
  const inner = Math.max(...places.slice(0, 20).map((place) => distance(place, first)));
  expect(distance(first, second)).toBeGreaterThan(inner);
});

test("shares and bins count every neighbour once", () => {
  const accuracy = fc.integer({ min: 0, max: 100 }).map((right) => right / 100);
  fc.assert(
    fc.property(fc.array(accuracy, { minLength: 1 }), accuracy, (accuracies, original) => {
      const { above, equal, below } = shares({ original, swaps: [], accuracies });
      expect(above + equal + below).toBeCloseTo(1, 12);
      const bins = binned(
        accuracies.map((accuracy) => ({ accuracy, count: 1 })),
        100,
        7,
      );
      expect(bins.length).toBeLessThanOrEqual(7);
      // No accuracy lies on an edge.
      for (const { from, to, count } of bins)
        expect(accuracies.filter((value) => value > from + 1e-3 && value < to - 1e-3)).toHaveLength(count);
      expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(accuracies.length);
    }),
  );
});

test("runs at several sparsities: what is not measured yet is left out and the caption says how many there are", async () => {
  const runs: Runs<number> = new Map();
  await addRuns(runs, [0, 50], async (sparsity) => sparsity + 1);
  expect(countRuns(runs, [0, 50], 3)).toBe(
    "n = 1 training run a point, seeds from 1 on, so far; 3 are planned, the paper has n = 3",
  );
  await addRuns(runs, [0, 50], async (sparsity) => {
    if (sparsity === 50) throw new NotMeasured("later");
    return sparsity + 2;
  });
  expect([...runs]).toEqual([
    [0, [1, 2]],
    [50, [51]],
  ]);
  expect(countRuns(runs, [0, 50, 90], 3)).toMatch(/^n = 1 to 2 training runs.* none yet at 90 %/);
  await addRuns(runs, [0, 50], async () => 3);
  await addRuns(runs, [50], async () => 3);
  expect(countRuns(runs, [0, 50], 3)).toBe("n = 3 training runs a point, seeds from 1 on");
  const broken = addRuns(runs, [0], async () => {
    throw new TypeError("broken");
  });
  await expect(broken).rejects.toThrow("broken");
});

test("a figure comes as SVG, PNG and JSON; one that fails says so in the report and leaves the others", async () => {
  const out = join(folder, "report");
  const outcomes = await reproducePaper({ out, quick: true, only: ["fig1", "fig3"], mnist: "/nowhere" });
  expect(outcomes.map(({ figure, error }) => [figure.id, error === undefined])).toEqual([
    ["fig1", true],
    ["fig3", false],
  ]);
  const page = () => readFileSync(join(out, "index.html"), "utf8");
  expect(parseHTML(page()).document.querySelectorAll("figure svg").length).toBeGreaterThan(0);
  expect(page()).toContain("Not made: cannot read /nowhere");
  // The page names figures that were not asked for as missing.
  expect(page()).toContain("Fig 5: ");
  expect(page()).toContain("Not made: not measured yet");
  // A later run of another figure leaves it in the page.
  await reproducePaper({ out, quick: true, only: ["fig4"], mnist: "/nowhere" });
  expect(parseHTML(page()).document.querySelectorAll("figure svg").length).toBeGreaterThan(0);
  expect(existsSync(join(out, "fig3.svg"))).toBe(false);
  // Nor is a figure made of no run at all.
  const [unmeasured] = await reproducePaper({ out, quick: true, only: ["fig2b"], isOver: () => true });
  expect(unmeasured).toMatchObject({ missing: expect.arrayContaining(["fig2b/0-seed1", "fig2b/98-seed1"]) });
  expect(unmeasured.error ?? unmeasured.result).toBeUndefined();
  const { data, command } = JSON.parse(readFileSync(join(out, "fig1.json"), "utf8"));
  expect(command).toBe("npx tritrack paper --out DIR --quick --only fig1");
  const [original, ...neighbours] = data.networks.map(({ weights }: { weights: number[] }) => weights);
  expect(original).toEqual([1, 0, -1, 0, 1, -1]);
  for (const weights of neighbours) {
    const changed = weights.filter((w: number, i: number) => w !== original[i]);
    expect(changed).toHaveLength(2);
    expect([...weights].sort()).toEqual([...original].sort());
  }
  expect(readFileSync(join(out, "fig1.svg"), "utf8")).toMatch(/^<svg xmlns=/);
  expect(PNG.sync.read(readFileSync(join(out, "fig1.png"))).width).toBe(1800);
});

test("shares of the points are measured by one process each, and taken over by the whole", async () => {
  const out = join(folder, "shares");
  const names = Array.from({ length: 12 }, (_, i) => `fig2a/default-90-seed${i}`);
  const measuredBy = new Map<string, number[]>();
  const measure = async (workspace: Workspace, part: number) => {
    for (const name of names) {
      const result = workspace.point(name, { seed: 1 }, () => {
        measuredBy.set(name, [...(measuredBy.get(name) ?? []), part]);
        return name;
      });
      if (part === 0) expect(await result).toBe(name);
      else await result.catch((error) => expect(error).toBeInstanceOf(NotMeasured));
    }
  };
  for (const number of [1, 2, 3]) {
    const before = measuredBy.size;
    await measure(new Workspace(out, { share: { number, of: 3 } }), number);
    expect(measuredBy.size).toBeGreaterThan(before);
  }
  expect([...measuredBy.keys()].sort()).toEqual([...names].sort());
  await measure(new Workspace(out), 0);
  expect([...measuredBy.values()].every((parts) => parts.length === 1 && parts[0] > 0)).toBe(true);
});
