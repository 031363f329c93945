/** `tritrack import`: makes recordings of episodes from Python: NumPy archives of seed and actions, Minari datasets. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { CorruptFile, InvalidOption } from "../../env/errors.ts";
import { EPISODE_SUFFIX, type Episode, totalReward } from "../../recordings/episode.ts";
import { makeFolder } from "../../recordings/files/atomic.ts";
import { writeEpisode } from "../../recordings/files/episode-file.ts";
import { recordingName } from "../../recordings/files/recording-folder.ts";
import { readMinari } from "../../recordings/minari/minari.ts";
import { episodeFromNpz } from "../../recordings/npz/episode.ts";
import { breathe } from "./common/interrupt.ts";
import { counted, examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  out: string;
  json?: boolean;
}

/** Largest file that is read into memory, bytes. */
const MAX_FILE_BYTES = 2 ** 31;

/** Makes the command: its arguments, options, examples and action. */
export default function importCommand(): Command {
  return new Command()
    .argument(
      "<path>",
      "FILE.npz with at least actions and seed, or a Minari dataset (its folder or main_data.hdf5)",
    )
    .option("-o, --out <dir>", "folder of the recordings; made if it is missing", "recordings")
    .addHelpText(
      "after",
      examples(
        ["an episode saved in Python: np.savez('lap.npz', seed=7, actions=actions)", "import lap.npz"],
        ["a Minari dataset of CarRacing-v3", "import ~/.minari/datasets/me/laps-v0 --out laps"],
      ),
    )
    .action(run);
}

async function run(path: string, { out, json }: Options): Promise<void> {
  makeFolder(resolve(out));
  const files: string[] = [];
  let steps = 0;
  const keep = (episode: Episode) => {
    const name = recordingName(episode);
    let file = join(out, name + EPISODE_SUFFIX);
    for (let copy = 2; existsSync(file); copy++) file = join(out, `${name}-${copy}${EPISODE_SUFFIX}`);
    writeEpisode(file, episode);
    files.push(file);
    steps += episode.rewards.length;
    process.stderr.write(
      `${file}: ${episode.rewards.length} steps, reward ${totalReward(episode).toFixed(1)}\n`,
    );
  };
  if (path.endsWith(".npz")) {
    keep(await episodeFromNpz(readBounded(path), basename(path)));
  } else await importMinari(path, keep);
  print(json, { files, steps }, `${out}: ${counted(files.length, "recording")}, ${steps} steps`);
}

async function importMinari(path: string, keep: (episode: Episode) => void): Promise<void> {
  const folder = [path, join(path, "data"), dirname(path)].find((at) =>
    existsSync(join(at, "main_data.hdf5")),
  );
  if (!folder)
    throw new InvalidOption(`${path}: expected FILE.npz, or a Minari dataset with data/main_data.hdf5`);
  const dataset = {
    data: readBounded(join(folder, "main_data.hdf5")),
    metadata: readBounded(join(folder, "metadata.json")).toString("utf8"),
  };
  const name = basename(resolve(basename(resolve(folder)) === "data" ? dirname(resolve(folder)) : folder));
  const progress = startProgress(`import ${name}`, 1, "of the dataset");
  try {
    await readMinari(dataset, name, async (episode, done, total) => {
      keep(episode);
      progress.update(done / total);
      await breathe();
    });
  } finally {
    progress.stop();
  }
}

function readBounded(path: string): Buffer {
  const { size } = statSync(path);
  if (size > MAX_FILE_BYTES)
    throw new CorruptFile(`${path}: expected at most ${MAX_FILE_BYTES} bytes, got ${size}`);
  return readFileSync(path);
}
