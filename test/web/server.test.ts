/** Tests the server behind `tritrack drive` without a browser: the recordings it saves and the requests it refuses. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { carArchitecture, mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { writeNetwork } from "../../policies/ternary/safetensors.ts";
import { formatEpisode, parseEpisode } from "../../recordings/episode.ts";
import { LapBook } from "../../src/web/page/race/lap-book.ts";
import { type DriveServer, startDriveServer } from "../../src/web/server/server.ts";
import type { Lap } from "../../src/web/shared/laps.ts";

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
  headers: IncomingHttpHeaders;
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
      done({ status: response.statusCode!, text, headers: response.headers });
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

  test("refuses entries that are not laps; a broken file is named and stays unchanged", async () => {
    expect(await exchange([{ ...lap, seed: "<b>" }, lap])).toEqual([lap]);
    expect((await send("POST", "/api/laps", "[")).status).toBe(400);
    expect((await send("DELETE", "/api/laps")).status).toBe(405);
    writeFileSync(join(folder, "laps.json"), "[");
    expect(await send("POST", "/api/laps", JSON.stringify([lap]))).toMatchObject({
      status: 400,
      text: `{"error":"${folder}/laps.json: expected a list of laps, got something else; mend or delete the file"}`,
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
    rmSync(join(folder, "laps.json")); // laps that the user deletes do not come back from a browser
    await book.refresh();
    expect(book.laps).toEqual([]);
  });
});

describe("refused requests", () => {
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

  test("contents that are not a recording, with the reason", async () => {
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

describe("untrusted files in the folder", () => {
  const errorOf = async (name: string): Promise<string> => {
    const { recordings } = JSON.parse((await send("GET", "/api/recordings")).text);
    return recordings.find((recording: { name: string }) => recording.name === name)?.error;
  };

  test("a link is listed with the reason, serves nothing of its target, and is replaced or deleted without it", async () => {
    const target = join(base, "secret.txt");
    symlinkSync(target, join(folder, "link.episode.json"));
    const reason = "link: expected a regular file, got a link, a folder or a device";
    expect(await errorOf("link")).toBe(reason);
    expect(await send("GET", "/api/recordings/link")).toMatchObject({
      status: 400,
      text: JSON.stringify({ error: reason }),
    });
    expect((await send("PUT", "/api/recordings/link", recording)).status).toBe(200);
    expect(lstatSync(join(folder, "link.episode.json")).isFile()).toBe(true);
    rmSync(join(folder, "link.episode.json"));
    symlinkSync(target, join(folder, "link.episode.json"));
    expect((await send("DELETE", "/api/recordings/link")).status).toBe(200);
    expect(readFileSync(target, "utf8")).toBe("secret");
  });

  test("a link in the page's folder is not served, nor is the page's own laps.json followed", async () => {
    symlinkSync(join(base, "secret.txt"), join(page, "link.txt"));
    symlinkSync(join(base, "secret.txt"), join(folder, "laps.json"));
    await server.close();
    server = await startDriveServer({ folder, page });
    expect((await send("GET", "/link.txt")).status).toBe(404);
    const { status, text } = await send("GET", "/api/laps");
    expect(status).toBe(400);
    expect(text).toContain("laps.json: expected a regular file, got a link, a folder or a device");
  });

  test("endless devices, pipes, folders and huge files are a line each and hide nothing", async () => {
    await send("PUT", "/api/recordings/good", recording);
    symlinkSync("/dev/zero", join(folder, "zero.episode.json"));
    execFileSync("mkfifo", [join(folder, "pipe.episode.json")]);
    mkdirSync(join(folder, "folder.episode.json"));
    writeFileSync(join(folder, "huge.episode.json"), "");
    truncateSync(join(folder, "huge.episode.json"), 3 * 2 ** 30);
    const { recordings } = JSON.parse((await send("GET", "/api/recordings")).text);
    expect(recordings).toMatchObject([
      { name: "zero", error: "zero: expected a regular file, got a link, a folder or a device" },
      { name: "pipe", error: "pipe: expected a regular file, got a link, a folder or a device" },
      { name: "huge", error: "huge: expected up to 32 MB, got 3072 MB" },
      { name: "good", steps: 2 },
      { name: "folder", error: "folder: expected a regular file, got a link, a folder or a device" },
    ]);
    for (const method of ["PUT", "DELETE"]) {
      const { status, text } = await send(
        method,
        "/api/recordings/folder",
        method === "PUT" ? recording : "",
      );
      expect({ status, text }).toEqual({
        status: 400,
        text: '{"error":"a folder has the name of this recording"}',
      });
    }
    expect(existsSync(join(folder, "folder.episode.json"))).toBe(true);
  });

  test("among thousands of files the latest are listed, and the number of the others is given", async () => {
    for (let i = 0; i < 5100; i++)
      writeFileSync(join(folder, `${String(i).padStart(5, "0")}.episode.json`), i < 5000 ? "{}" : recording);
    const { recordings, skipped } = JSON.parse((await send("GET", "/api/recordings")).text);
    expect(skipped).toBe(100);
    expect(recordings).toHaveLength(5000);
    expect(recordings[0]).toMatchObject({ name: "05099", steps: 2 });
  });
});

describe("limits", () => {
  test("more laps than the list holds, and a file of laps that is too large, change nothing", async () => {
    const lap = { seed: "7", driver: "x".repeat(260), steps: 1, reward: 0, scored: true, when: "2026-11-23" };
    for (let i = 0; i < 4; i++) {
      const laps = Array.from({ length: 1000 }, (_, k) => ({
        ...lap,
        seed: String(1000 * i + k),
        more: "x",
      }));
      expect((await send("POST", "/api/laps", JSON.stringify(laps))).status).toBe(200);
    }
    const file = join(folder, "laps.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toHaveLength(2000);
    expect(lstatSync(file).size).toBeLessThan(1 << 20);
    expect((await send("POST", "/api/laps", " ".repeat((1 << 20) + 1))).status).toBe(413);
    truncateSync(file, 5 << 20);
    expect((await send("GET", "/api/laps")).text).toContain("laps.json: expected up to 4 MB, got 5 MB");
  });

  test("unfinished bodies are held up to a limit, then others get the answer that the server is busy", async () => {
    const { hostname, port } = new URL(server.url);
    const headers = { "content-length": 31 << 20 };
    const open = Array.from({ length: 5 }, (_, i) => {
      const sent = request({ hostname, port, method: "PUT", path: `/api/recordings/lap-${i}`, headers });
      const status = new Promise<number | null>((done) => {
        sent.on("response", (response) => done(response.resume().statusCode!));
        sent.on("error", () => done(null));
      });
      sent.write(Buffer.alloc(30 << 20, " "));
      return { sent, status };
    });
    const first = await Promise.race(open.map(({ status }) => status));
    expect(first).toBe(503);
    for (const { sent } of open) sent.destroy();
    await expect.poll(async () => (await send("PUT", "/api/recordings/lap", recording)).status).toBe(200);
  });

  test("requests beyond the server's limit are answered with status 503", async () => {
    const { hostname, port } = new URL(server.url);
    const headers = { "content-length": 10 };
    const open = Array.from({ length: 64 }, () => {
      const sent = request({ hostname, port, method: "PUT", path: "/api/recordings/lap", headers });
      sent.on("error", () => {}).flushHeaders();
      return sent;
    });
    await expect.poll(async () => (await send("GET", "/")).status).toBe(503);
    for (const sent of open) sent.destroy();
    await expect.poll(async () => (await send("GET", "/")).status).toBe(200);
  });
});

describe("answers", () => {
  test("every one forbids framing and guessing of types, for errors and malformed HTTP too", async () => {
    const raw = new Promise<string>((done) => {
      let text = "";
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () =>
        socket.write("nonsense\r\n\r\n"),
      );
      socket.on("data", (data) => (text += data)).on("close", () => done(text));
    });
    const paths = ["/", "/none", "/api/recordings", "/api/recordings/none", "/api/laps", "/api/networks"];
    const answers = await Promise.all([
      ...paths.map((path) => send("GET", path)),
      send("OPTIONS", "/"),
      send("PUT", "/api/recordings/lap", "x"),
      send("GET", "/", "", { host: "example.org" }),
    ]);
    for (const { headers } of answers) {
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    }
    expect(await raw).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*frame-ancestors 'none'[\s\S]*nosniff/);
  });

  test("are compressed for clients that take it, and a file that the client has is not sent again", async () => {
    const script = "let x = 1;\n".repeat(1000);
    mkdirSync(join(page, "assets"));
    writeFileSync(join(page, "assets/main.js"), script);
    await server.close();
    server = await startDriveServer({ folder, page });
    const get = async (encoding: string) => {
      const { port } = new URL(server.url);
      return new Promise<{ body: Buffer; headers: IncomingHttpHeaders }>((done) => {
        const headers = { "accept-encoding": encoding };
        request({ port, path: "/assets/main.js", headers }, async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          done({ body: Buffer.concat(chunks), headers: response.headers });
        }).end();
      });
    };
    const [plain, gzip, brotli] = [await get("gzip;q=0"), await get("gzip"), await get("gzip, br")];
    expect(plain.body.toString()).toBe(script);
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzip.body).toString()).toBe(script);
    expect(brotli.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(brotli.body).toString()).toBe(script);
    expect(plain.headers["cache-control"]).toContain("immutable");
    const again = await send("GET", "/assets/main.js", "", { "if-none-match": plain.headers.etag! });
    expect(again).toMatchObject({ status: 304, text: "" });
  });
});

describe("a server that other machines reach", () => {
  let token: string;
  beforeEach(async () => {
    await server.close();
    server = await startDriveServer({
      folder,
      page,
      host: "0.0.0.0",
      origins: ["https://drive.example.org"],
    });
    token = new URL(server.url).searchParams.get("token")!;
  });

  test("writing and deleting need the token of the printed address; reading does not", async () => {
    expect(token).toMatch(/^[\w-]{22}$/);
    for (const wrong of [{}, { "x-tritrack-token": "" }, { "x-tritrack-token": `${token}x` }] as Record<
      string,
      string
    >[])
      for (const [method, path] of [
        ["PUT", "/api/recordings/lap"],
        ["DELETE", "/api/recordings/lap"],
        ["POST", "/api/laps"],
      ])
        expect(await send(method, path, method === "DELETE" ? "" : recording, wrong)).toMatchObject({
          status: 401,
          text: '{"error":"writing needs the token; open the address that tritrack drive printed"}',
        });
    expect(readdirSync(folder)).toEqual([]);
    const right = { "x-tritrack-token": token };
    expect((await send("PUT", "/api/recordings/lap", recording, right)).status).toBe(200);
    expect((await send("GET", "/api/recordings/lap")).text).toBe(recording);
    expect((await send("DELETE", "/api/recordings/lap", "", right)).status).toBe(200);
  });

  test("foreign hosts and origins are refused unless they are allowed", async () => {
    const ask = async (headers: Record<string, string>) =>
      (await send("GET", "/api/recordings", "", headers)).status;
    expect(await ask({ host: "example.org" })).toBe(403);
    expect(await ask({ host: "drive.example.org.evil.org" })).toBe(403);
    expect(await ask({ host: "drive.example.org" })).toBe(200);
    expect(await ask({ host: "drive.example.org", origin: "https://drive.example.org" })).toBe(200);
    expect(await ask({ host: "localhost:1", origin: "http://localhost:2" })).toBe(403);
    expect(await ask({ origin: "null" })).toBe(403);
    for (const address of server.elsewhere) expect(await ask({ host: new URL(address).host })).toBe(200);
  });

  test("a malformed origin is refused at the start", async () => {
    for (const origin of ["example.org", "https://example.org/page", "file:///", "javascript:alert(1)"])
      await expect(startDriveServer({ folder, page, host: "0.0.0.0", origins: [origin] })).rejects.toThrow(
        `--origin: expected an origin such as https://example.org, got ${JSON.stringify(origin)}`,
      );
  });
});

test("a port that is taken leaves no folder behind", async () => {
  const port = Number(new URL(server.url).port);
  const other = join(base, "other");
  await expect(startDriveServer({ folder: other, page, port })).rejects.toThrow(
    `cannot listen on 127.0.0.1 port ${port}: the port is taken`,
  );
  expect(existsSync(other)).toBe(false);
});

test("a port that is taken and a page that is not built are errors of one line", async () => {
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

  test("that are invalid, or do not drive, are refused at the start", async () => {
    const file = join(base, "net.safetensors");
    writeFileSync(file, "no network");
    await expect(startDriveServer({ folder, page, networks: [file] })).rejects.toThrow(/net\.safetensors/);
    writeFileSync(file, writeNetwork(randomNetwork(mnistArchitecture, 95, 1)));
    await expect(startDriveServer({ folder, page, networks: [file] })).rejects.toThrow(
      `${file}: expected a network that drives, got one for mnist`,
    );
  });
});
