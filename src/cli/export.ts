/** `tritrack export`: networks as ONNX models, recordings as npz archives or as a Minari dataset. */
import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { InvalidOption } from "../../env/errors.ts";
import type { Episode } from "../../recordings/episode.ts";
import { isNetworkName } from "./common/driver.ts";
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

export default function exportCommand(): Command {
  return new Command()
    .argument("<what>", "a network, a recording, or a folder of recordings")
    .option("--onnx <file>", "write the network as an ONNX model")
    .option("--npz <path>", "write recordings as NumPy archives: NAME.npz, or a folder for several")
    .option("--minari <dir>", "write recordings as a Minari dataset: a new folder NAME-v0")
    .option("--root <dir>", "of --minari: Minari's folder, below which the dataset's place is its name")
    .option("--author <name>", "named in the Minari dataset", "tritrack")
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
  if ([onnx, npz, minari].filter((path) => path !== undefined).length !== 1)
    throw new InvalidOption("expected one of --onnx, --npz and --minari");
  if (onnx !== undefined) return exportNetwork(what, onnx, options);
  const recordings = await readAll(what);
  if (npz !== undefined) return exportNpz(what, recordings, npz, options);
  return exportMinari(what, recordings, minari!, options);
}

async function exportNetwork(what: string, out: string, { json }: Options): Promise<void> {
  const [{ networkByName }, { writeOnnx }, { writeFileAtomic }] = await Promise.all([
    import("./common/driver.ts"),
    import("../../policies/ternary/onnx.ts"),
    import("../../recordings/files/atomic.ts"),
  ]);
  if (!out.endsWith(".onnx")) throw new InvalidOption(`--onnx ${out}: expected FILE.onnx`);
  const { network } = await networkByName(what);
  const bytes = writeOnnx(network);
  writeFileAtomic(out, bytes);
  const { task } = network.architecture;
  print(json, { out, task, bytes: bytes.length }, `${out}: ${task} network, ${bytes.length} bytes`);
}

interface Named {
  name: string;
  episode: Episode;
}

/** A recording, or all of a folder. */
async function readAll(what: string): Promise<Named[]> {
  const [{ readRecordings }, { readEpisode }] = await Promise.all([
    import("../../recordings/files/recording-folder.ts"),
    import("../../recordings/files/episode-file.ts"),
  ]);
  if (isNetworkName(what))
    throw new InvalidOption(`${what} is a network: --npz and --minari take recordings`);
  const nameOf = (path: string) => basename(path).replace(/\.episode\.(json|part)$/, "");
  if (!existsSync(what) || !statSync(what).isDirectory())
    return [{ name: nameOf(what), episode: readEpisode(what) }];
  const { recordings, skipped } = readRecordings(what);
  for (const line of skipped) process.stderr.write(`skipped: ${line}\n`);
  if (recordings.length === 0) throw new InvalidOption(`${what} holds no recordings`);
  return recordings.map(({ path, episode }) => ({ name: nameOf(path), episode }));
}

async function exportNpz(
  what: string,
  recordings: readonly Named[],
  out: string,
  { json }: Options,
): Promise<void> {
  const [{ episodeToNpz }, { makeRecordedEnv }, { makeFolder, writeFileAtomic }] = await Promise.all([
    import("../../recordings/npz/episode.ts"),
    import("../../recordings/player.ts"),
    import("../../recordings/files/atomic.ts"),
  ]);
  const isFile = out.endsWith(".npz");
  if (isFile && recordings.length > 1)
    throw new InvalidOption(`--npz ${out}: expected a folder for ${recordings.length} recordings`);
  if (!isFile) makeFolder(resolve(out));
  const progress = startProgress(`export ${what}`, recordings.length, "recordings");
  const files: string[] = [];
  try {
    for (const { name, episode } of recordings) {
      const env = await makeRecordedEnv(episode);
      const file = isFile ? out : join(out, `${name}.npz`);
      writeFileAtomic(file, episodeToNpz(episode, env));
      env.close();
      files.push(file);
      progress.update(files.length);
      await breathe();
    }
  } finally {
    progress.stop();
  }
  print(json, { files }, `${out}: ${counted(files.length, "episode")}`);
}

async function exportMinari(
  what: string,
  recordings: readonly Named[],
  out: string,
  { author, root, json }: Options,
): Promise<void> {
  const [{ writeMinari }, { minariPlace, writeMinariFolder }] = await Promise.all([
    import("../../recordings/minari/minari.ts"),
    import("../../recordings/minari/dataset-folder-node.ts"),
  ]);
  const { id, root: found, command } = minariPlace(out, root);
  if (existsSync(join(out, "data")))
    throw new InvalidOption(`--minari ${out}: expected a new folder; there is a dataset`);
  const progress = startProgress(`export ${what}`, recordings.length, "recordings");
  const episodes = recordings.map(({ episode }) => episode);
  const onProgress = (done: number) => {
    progress.update(done);
    return breathe();
  };
  const { data, metadata } = await writeMinari(episodes, { id, author, onProgress }).finally(() =>
    progress.stop(),
  );
  writeMinariFolder({ root: found, id }, { data, metadata });
  const size = `${counted(episodes.length, "episode")}, ${(data.length / 1e6).toFixed(1)} MB`;
  print(
    json,
    { out, id, root: found, episodes: episodes.length, bytes: data.length },
    `${out}: dataset "${id}", ${size}; listed by: ${command}`,
  );
}
