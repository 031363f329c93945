/**
 * Speed of `tritrack render`, which films an episode at 600×400 with its inset, as built (`npm run build`), start-up included:
 * MP4 by ffmpeg where the PATH has one, MP4 by the WebAssembly encoder, GIF. Bar: real time on two cores.
 *
 *     npm run bench:video -- [--driver zoo:car-90] [--seed 20003] [--json]
 *
 * `--json` puts one object on the last line, `rows: [{name, unit, value, reference, referenceValue, ratio}]`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hasFfmpeg } from "../recordings/video/mp4.ts";
import { printRows, type Row } from "./common.ts";

const { values } = parseArgs({
  options: {
    driver: { type: "string", default: "zoo:car-90" },
    seed: { type: "string", default: "20003" },
    json: { type: "boolean", default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), "tritrack-video-"));
const rows: Row[] = [];

/** Films once and adds a row. @param path the variable PATH of the command; an empty one has no ffmpeg */
function film(name: string, file: string, path: string | undefined): void {
  const { driver, seed } = values;
  const args = ["render", driver, "--seed", seed, "--inset", "--out", join(folder, file), "--json"];
  const begin = performance.now();
  const printed = execFileSync(process.execPath, ["dist/src/cli/main.js", ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const took = (performance.now() - begin) / 1000;
  const { frames, fps } = JSON.parse(printed) as { frames: number; fps: number };
  rows.push({
    name: `video/${name}`,
    unit: "frames/s",
    value: frames / took,
    reference: "real time",
    referenceValue: fps,
    ratio: frames / took / fps,
  });
}

if (hasFfmpeg()) film("mp4-ffmpeg", "ffmpeg.mp4", process.env.PATH);
else console.error("no ffmpeg with libx264 on the PATH: measured without it");
film("mp4-wasm", "wasm.mp4", "");
film("gif", "lap.gif", "");
rmSync(folder, { recursive: true });
printRows(rows, values.json);
