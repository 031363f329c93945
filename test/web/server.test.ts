/** The server behind `tritrack drive`, without a browser: what it saves, and what it refuses. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { carArchitecture, mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { formatEpisode, parseEpisode } from "../../recordings/episode.ts";
import { LapBook } from "../../src/web/page/race/lap-book.ts";
import type { Lap } from "../../src/web/page/race/laps.ts";
import { type DriveServer, startDriveServer } from "../../src/web/server/server.ts";

const recording = formatEpisode({
  tritrack: "0.1.0",
  environment: { id: "CarRacing-v3", kwargs: {}, maxEpisodeSteps: 1000 },
  seed: 7,
  options: {},
  driver: { kind: "human", name: "human" },
  form: { type: "float32", size: 3 },
  actions: Float32Array.of(0, 1, 0, -1, 0.5, 0),
  rewards: Float64Array.of(6.9, -0.1),
  end: "interrupted",
  frameSha256: "0".repeat(64),
});

let base: string;
let folder: string;
let page: string;
let server: DriveServer;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "tritrack-server-"));
  folder = join(base, "recordings");
  page = mkdtempSync(join(base, "page-"));
  writeFileSync(join(page, "index.html"), "<title>page</title>");
  writeFileSync(join(base, "secret.txt"), "secret");
  server = await startDriveServer({ folder, page });
});
afterEach(async () => {
  await server.close();
  rmSync(base, { recursive: true });
});

interface Answer {
  status: number;
  text: string;
}

/** A request whose path and headers reach the server exactly as given; `fetch` would tidy them first. */
function send(
  method: string,
  path: string,
  body = "",
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((done, fail) => {
    const sent = request({ hostname, port, method, path, headers }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      done({ status: response.statusCode!, text });
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

describe("recordings", () => {
  test("a saved recording is in the folder, in the list and readable; deleted, it is in none", async () => {
    expect((await send("PUT", "/api/recordings/lap-1", recording)).status).toBe(200);
    expect(readFileSync(join(folder, "lap-1.episode.json"), "utf8")).toBe(recording);
    const list = JSON.parse((await send("GET", "/api/recordings")).text);
    expect(list).toMatchObject({
      folder,
      recordings: [{ name: "lap-1", seed: "7", steps: 2, result: "interrupted", driver: "human" }],
    });
    expect((await send("GET", "/api/recordings/lap-1")).text).toBe(recording);

    expect((await send("DELETE", "/api/recordings/lap-1")).status).toBe(200);
    expect(readdirSync(folder)).toEqual([]);
    expect((await send("GET", "/api/recordings/lap-1")).status).toBe(404);
  });

  test("saving again replaces the recording, and the list tells the new contents", async () => {
    await send("PUT", "/api/recordings/lap", recording);
    await send("GET", "/api/recordings");
    const longer = parseEpisode(recording);
    await send("PUT", "/api/recordings/lap", formatEpisode({ ...longer, seed: 8 }));
    const list = JSON.parse((await send("GET", "/api/recordings")).text);
    expect(list.recordings).toMatchObject([{ name: "lap", seed: "8" }]);
  });

  test("a folder that was taken away is made again", async () => {
    rmSync(folder, { recursive: true });
    expect(JSON.parse((await send("GET", "/api/recordings")).text).recordings).toEqual([]);
    rmSync(folder, { recursive: true });
    expect((await send("PUT", "/api/recordings/lap", recording)).status).toBe(200);
    expect(readdirSync(folder)).toEqual(["lap.episode.json"]);
  });

  test("a broken file in the folder is listed with the reason and hides no other", async () => {
    await send("PUT", "/api/recordings/good", recording);
    writeFileSync(join(folder, "bad.episode.json"), recording.slice(0, 90));
    const { recordings } = JSON.parse((await send("GET", "/api/recordings")).text);
    expect(recordings.find((r: { name: string }) => r.name === "bad").error).toMatch(/bad/);
    expect(recordings.find((r: { name: string }) => r.name === "good").steps).toBe(2);
  });
});

describe("the leaderboard", () => {
  const lap: Lap = { seed: "7", driver: "me", steps: 700, reward: 920, scored: true, when: "2026-11-23" };
  const exchange = async (laps: readonly Lap[]) => {
    const { status, text } = await send("POST", "/api/laps", JSON.stringify(laps));
    if (status !== 200) throw new Error(text);
    return JSON.parse(text).laps;
  };

  test("is in the folder: laps of all browsers, each once, also after the server was started anew", async () => {
    const other = { ...lap, driver: "you", reward: 930 };
    expect(await exchange([lap])).toEqual([lap]);
    expect(await exchange([{ ...lap, when: "2026-11-24" }, other])).toEqual([lap, other]);
    await server.close();
    server = await startDriveServer({ folder, page });
    expect(JSON.parse((await send("GET", "/api/laps")).text).laps).toEqual([lap, other]);
    expect(JSON.parse(readFileSync(join(folder, "laps.json"), "utf8"))).toEqual([lap, other]);
    expect(JSON.parse((await send("GET", "/api/recordings")).text).recordings).toEqual([]);
  });

  test("takes nothing that is no lap, and a broken file is named and stays as it is", async () => {
    expect(await exchange([{ ...lap, seed: "<b>" }, lap])).toEqual([lap]);
    expect((await send("POST", "/api/laps", "[")).status).toBe(400);
    expect((await send("DELETE", "/api/laps")).status).toBe(405);
    writeFileSync(join(folder, "laps.json"), "[");
    expect(await send("POST", "/api/laps", JSON.stringify([lap]))).toMatchObject({
      status: 400,
      text: expect.stringContaining("laps.json is no list of laps"),
    });
    expect(readFileSync(join(folder, "laps.json"), "utf8")).toBe("[");
  });

  test("laps that were driven while the server was gone wait in the browser, and are delivered once", async () => {
    const book = new LapBook({ exchange });
    await server.close();
    book.add(lap);
    await book.refresh();
    expect(book.laps).toEqual([lap]);
    const { port } = new URL(server.url);
    server = await startDriveServer({ folder, page, port: Number(port) });
    const other = { ...lap, driver: "you" };
    await exchange([other]);
    await book.refresh();
    expect(book.laps).toEqual([other, lap]);
    rmSync(join(folder, "laps.json")); // what the user takes away does not come back from a browser
    await book.refresh();
    expect(book.laps).toEqual([]);
  });
});

describe("what is refused", () => {
  test.each([
    "..%2fsecret",
    "../secret",
    "%2e%2e%2f%2e%2e%2fsecret",
    "..",
    ".hidden",
    "a/b",
    "a%2fb",
    "a%5cb",
    "c:evil",
    "%00",
    "a%00b",
    "x".repeat(121),
    "",
  ])("%j as a recording's name", async (name) => {
    for (const method of ["PUT", "GET", "DELETE"]) {
      const { status } = await send(method, `/api/recordings/${name}`, method === "PUT" ? recording : "");
      expect([400, 404, 405]).toContain(status);
    }
    expect(readdirSync(base).sort()).toEqual(expect.arrayContaining(["recordings", "secret.txt"]));
    expect(readdirSync(base)).toHaveLength(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "//etc/passwd",
    "/index.html/../../secret.txt",
  ])("%j as a page", async (path) => {
    const { status, text } = await send("GET", path);
    expect(status).toBe(404);
    expect(text).not.toContain("secret");
  });

  test("contents that are no recording, with the reason", async () => {
    const { status, text } = await send(
      "PUT",
      "/api/recordings/lap",
      recording.replace('"steps": 2', '"steps": 3'),
    );
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatch(/lap/);
    expect(existsSync(join(folder, "lap.episode.json"))).toBe(false);
  });

  test("more than 32 MB", async () => {
    const { status } = await send("PUT", "/api/recordings/lap", "x".repeat((32 << 20) + 1));
    expect(status).toBe(413);
  });

  test("a page of another site, and a name that was rebound to this machine", async () => {
    const foreign = { origin: "http://example.org" };
    expect((await send("PUT", "/api/recordings/lap", recording, foreign)).status).toBe(403);
    expect((await send("GET", "/api/recordings", "", { host: "example.org" })).status).toBe(403);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("a port that is taken and a page that is not built are told in one line", async () => {
  const port = Number(new URL(server.url).port);
  await expect(startDriveServer({ folder, page, port })).rejects.toThrow(/port is taken/);
  await expect(startDriveServer({ folder, page: join(base, "nowhere") })).rejects.toThrow(
    /npm run build:web/,
  );
});

describe("networks of the command line", () => {
  test("are listed and given as they are", async () => {
    const file = join(base, "my net.safetensors");
    const bytes = writeNetwork(randomNetwork(carArchitecture, 95, 1));
    writeFileSync(file, bytes);
    await server.close();
    server = await startDriveServer({ folder, page, networks: [file] });
    expect(JSON.parse((await send("GET", "/api/networks")).text)).toEqual({ networks: ["my net"] });
    const response = await fetch(`${server.url}api/networks/my%20net`);
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), bytes)).toBe(0);
    for (const path of ["/api/networks/other", "/api/networks/..%2fsecret.txt", "/api/networks/%ff"])
      expect((await send("GET", path)).status).toBe(404);
  });

  test("that are none, or do not drive, are refused before anyone drives", async () => {
    const file = join(base, "net.safetensors");
    writeFileSync(file, "no network");
    await expect(startDriveServer({ folder, page, networks: [file] })).rejects.toThrow(/net\.safetensors/);
    writeFileSync(file, writeNetwork(randomNetwork(mnistArchitecture, 95, 1)));
    await expect(startDriveServer({ folder, page, networks: [file] })).rejects.toThrow(
      /is a mnist network: it cannot drive/,
    );
  });
});
