/** `tritrack import`: makes recordings of episodes from Python: NumPy archives of seed and actions, Minari datasets. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command } from "commander";
import { InvalidOption } from "../../env/errors.ts";
import { EPISODE_SUFFIX, type Episode, totalReward } from "../../recordings/episode.ts";
import { makeFolder } from "../../recordings/files/atomic.ts";
import { writeEpisode } from "../../recordings/files/episode-file.ts";
import { openFileSource } from "../../recordings/files/file-source.ts";
import { recordingName } from "../../recordings/files/recording-folder.ts";
import { openMinariFolder } from "../../recordings/minari/dataset-folder-node.ts";
import { readMinari } from "../../recordings/minari/minari.ts";
import { episodeFromNpz } from "../../recordings/npz/episode.ts";
import { breathe } from "./common/interrupt.ts";
import { counted, examples, print } from "./common/output.ts";
import { startProgress } from "./common/progress.ts";

interface Options {
  out: string;
  json?: boolean;
}

/** Makes the command: its arguments, options, examples and action. */
export default function importCommand(): Command {
  return new Command()
    .argument(
      "<path>",
      "FILE.npz with at least actions and seed, or a Minari dataset (its folder or main_data.hdf5)",
    )
    .option("-o, --out <dir>", "folder of the recordings; made if it is missing", "imported")
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
    await importNpz(path, keep);
  } else await importMinari(path, keep);
  print(json, { files, steps }, `${out}: ${counted(files.length, "recording")}, ${steps} steps`);
}

async function importNpz(path: string, keep: (episode: Episode) => void): Promise<void> {
  const source = openFileSource(path);
  const progress = startProgress(`import ${basename(path)}`, 1, "of the episode");
  try {
    const episode = await episodeFromNpz(source, basename(path), (done, total) => {
      progress.update(done / total);
      return breathe();
    });
    keep(episode);
  } finally {
    progress.stop();
    source.close();
  }
}

async function importMinari(path: string, keep: (episode: Episode) => void): Promise<void> {
  const dataset = openMinariFolder(path);
  if (!dataset)
    throw new InvalidOption(`${path}: expected FILE.npz, or a Minari dataset with data/main_data.hdf5`);
  const progress = startProgress(`import ${dataset.name}`, 1, "of the dataset");
  try {
    await readMinari(dataset, dataset.name, async (episode, done, total) => {
      keep(episode);
      progress.update(done / total);
      await breathe();
    });
  } finally {
    progress.stop();
    dataset.close();
  }
}
