/** `tritrack export`: writes networks as ONNX models, recordings as NumPy archives or as a Minari dataset. */
import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { describe } from "../../env/describe.ts";
import { InvalidOption } from "../../env/errors.ts";
import { writeOnnx } from "../../policies/ternary/onnx.ts";
import type { Episode } from "../../recordings/episode.ts";
import { makeFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";
import { readEpisode } from "../../recordings/files/episode-file.ts";
import { readRecordings } from "../../recordings/files/recording-folder.ts";
import { minariPlace, writeMinariFolder } from "../../recordings/minari/dataset-folder-node.ts";
import { writeMinari } from "../../recordings/minari/minari.ts";
import { episodeToNpz } from "../../recordings/npz/episode.ts";
import { makeRecordedEnv, ReplayMismatch } from "../../recordings/player.ts";
import { isNetworkName, networkByName } from "./common/driver.ts";
import { inFile } from "./common/errors.ts";
import { breathe } from "./common/interrupt.ts";
import { counted, examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  onnx?: string;
  npz?: string;
  minari?: string;
  author?: string;
  root?: string;
  json?: boolean;
}

/** A recording and its file, whose name without suffix is the export's. */
interface Named {
  path: string;
  name: string;
  episode: Episode;
}

/** Makes the command: its arguments, options, examples and action. */
export default function exportCommand(): Command {
  return new Command()
    .argument("<what>", "a network, a recording, or a folder of recordings")
    .option("--onnx <file>", "write the network as an ONNX model")
    .option("--npz <path>", "write recordings as NumPy archives: NAME.npz, or a folder for several")
    .option("--minari <dir>", "write recordings as a Minari dataset: a new folder NAME-v0")
    .option(
      "--root <dir>",
      "folder of Minari's datasets, below which the path of --minari is the dataset's name (default: found from the path)",
    )
    .option("--author <name>", "author named in the Minari dataset", "tritrack")
    .addHelpText(
      "after",
      examples(
        ["a network for onnxruntime", "export car.safetensors --onnx car.onnx"],
        ["an episode for np.load", "export demos/expert-7.episode.json --npz lap.npz"],
        ['for minari.load_dataset("me/laps-v0")', "export demos --minari ~/.minari/datasets/me/laps-v0"],
      ),
    )
    .action(run);
}

async function run(what: string, options: Options): Promise<void> {
  const { onnx, npz, minari } = options;
  const given = [onnx, npz, minari].filter((path) => path !== undefined).length;
  if (given !== 1)
    throw new InvalidOption(
      `formats: expected one of --onnx, --npz and --minari, got ${given === 0 ? "none" : given}`,
    );
  if (onnx !== undefined) return exportNetwork(what, onnx, options);
  const recordings = readAll(what);
  if (npz !== undefined) return exportNpz(what, recordings, npz, options);
  return exportMinari(what, recordings, minari!, options);
}

async function exportNetwork(what: string, out: string, { json }: Options): Promise<void> {
  if (!out.endsWith(".onnx")) throw new InvalidOption(`--onnx: expected FILE.onnx, got ${describe(out)}`);
  const { network } = await networkByName(what);
  const bytes = writeOnnx(network);
  writeFileAtomic(out, bytes);
  const { task } = network.architecture;
  const named = task === "mnist" ? "MNIST" : task;
  print(json, { out, task, bytes: bytes.length }, `${out}: ${named} network, ${bytes.length} bytes`);
}

/** One recording, or all of a folder. */
function readAll(what: string): Named[] {
  if (isNetworkName(what))
    throw new InvalidOption(`--npz and --minari: expected recordings, got the network ${describe(what)}`);
  const nameOf = (path: string) => basename(path).replace(/\.episode\.(json|part)$/, "");
  if (!existsSync(what) || !statSync(what).isDirectory())
    return [{ path: what, name: nameOf(what), episode: readEpisode(what) }];
  const { recordings, skipped } = readRecordings(what);
  for (const line of skipped) process.stderr.write(`skipped: ${line}\n`);
  if (recordings.length === 0) throw new InvalidOption(`${what}: expected recordings, got none`);
  return recordings.map(({ path, episode }) => ({ path, name: nameOf(path), episode }));
}

async function exportNpz(
  what: string,
  recordings: readonly Named[],
  out: string,
  { json }: Options,
): Promise<void> {
  const isFile = out.endsWith(".npz");
  if (isFile && recordings.length > 1)
    throw new InvalidOption(
      `--npz: expected a folder for ${recordings.length} recordings, got ${describe(out)}`,
    );
  if (!isFile) makeFolder(resolve(out));
  const progress = startProgress(`export ${what}`, recordings.length, "recordings");
  const files: string[] = [];
  try {
    for (const { path, name, episode } of recordings) {
      const file = isFile ? out : join(out, `${name}.npz`);
      const bytes = await npzOf(episode).catch((error) => {
        throw inFile(path, error);
      });
      writeFileAtomic(file, bytes);
      files.push(file);
      progress.update(files.length);
      await breathe();
    }
  } finally {
    progress.stop();
  }
  print(json, { files }, `${out}: ${counted(files.length, "episode")}`);
}

async function npzOf(episode: Episode): Promise<Uint8Array> {
  const env = await makeRecordedEnv(episode);
  try {
    return episodeToNpz(episode, env);
  } finally {
    env.close();
  }
}

async function exportMinari(
  what: string,
  recordings: readonly Named[],
  out: string,
  { author, root: given, json }: Options,
): Promise<void> {
  const { id, root, command } = minariPlace(out, given);
  if (existsSync(join(out, "data")))
    throw new InvalidOption(`--minari: expected a new folder, got ${describe(out)}, which holds a dataset`);
  const progress = startProgress(`export ${what}`, recordings.length, "recordings");
  const episodes = recordings.map(({ episode }) => episode);
  let written = 0;
  const onProgress = (done: number) => {
    written = done;
    progress.update(done);
    return breathe();
  };
  const { data, metadata } = await writeMinari(episodes, { id, author, onProgress })
    .catch((error) => {
      throw error instanceof ReplayMismatch ? inFile(recordings[written].path, error) : error;
    })
    .finally(() => progress.stop());
  writeMinariFolder({ root, id }, { data, metadata });
  const size = `${counted(episodes.length, "episode")}, ${(data.length / 1e6).toFixed(1)} MB`;
  print(
    json,
    { out, id, root, episodes: episodes.length, bytes: data.length },
    `${out}: dataset "${id}", ${size}; listed by: ${command}`,
  );
}
