/** Reads the file named by the argument as the commands do; prints the result or the error and the most memory used. */
import { basename } from "node:path";
import { MAX_NETWORK_BYTES, readNetwork } from "../../policies/ternary/safetensors.ts";
import { readEpisode } from "../../recordings/files/episode-file.ts";
import { openFileSource, readBoundedFile } from "../../recordings/files/file-source.ts";
import { openMinariFolder } from "../../recordings/minari/dataset-folder-node.ts";
import { readMinari } from "../../recordings/minari/minari.ts";
import { episodeFromNpz } from "../../recordings/npz/episode.ts";

const [path] = process.argv.slice(2);
const begin = performance.now();
let message = "read";
try {
  if (path.endsWith(".npz")) await episodeFromNpz(openFileSource(path), basename(path));
  else if (path.endsWith(".safetensors"))
    readNetwork(readBoundedFile(path, MAX_NETWORK_BYTES), basename(path));
  else if (/\.episode\.(json|part)$/.test(path)) readEpisode(path);
  else await readMinari(openMinariFolder(path)!, basename(path), () => {});
} catch (error) {
  message = `${(error as Error).name}: ${(error as Error).message}`;
}
const megabytes = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ message, megabytes, milliseconds: performance.now() - begin }));
