/**
 * The paper's supplement: a 90 % sparse network drives the first of the unseen tracks. It is the one that ships with the
 * package and has learnt by DAgger; the networks of Figs 2b, 8 and 9 only imitate.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "../../../policies/ternary/describe.ts";
import { TernaryPolicy } from "../../../policies/ternary/policy.ts";
import { readNetwork } from "../../../policies/ternary/safetensors.ts";
import { tracks } from "../../data/tracks.ts";
import { drivenEpisode } from "../../show/video/filmed-episode.ts";
import { renderVideo } from "../../show/video/render-video.ts";
import { type Figure, whole } from "../figure.ts";

/** Seed of the track. */
const [TRACK] = tracks("tests", 1);
/** Name of the video in the workspace's folder. */
const FILE = "supplement.mp4";
const NAME = "car-90";
const NETWORK = new URL(`../../../policies/zoo/${NAME}.safetensors`, import.meta.url);

/** The supplement. */
export const supplement: Figure = {
  id: "supplement",
  title: "Supplement: a 90 % sparse network drives",
  async run({ workspace }) {
    const network = readNetwork(readFileSync(NETWORK));
    const { reward, frames } = await workspace.point(
      "supplement/drive",
      { track: TRACK, network: network.metadata.command },
      async () => {
        const episode = await drivenEpisode(await TernaryPolicy.create(network), TRACK);
        const video = await renderVideo([episode], join(workspace.folder, FILE), { inset: true });
        return { reward: video!.rewards[0], frames: video!.frames };
      },
      FILE,
    );
    const layers = describe(network);
    const nonzeros = layers.reduce((sum, layer) => sum + layer.nonzeros, 0);
    const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
    return {
      panels: [],
      video: {
        name: FILE,
        caption: `Seed ${TRACK}, the first of the unseen tracks, not the best: ${frames} steps, driving reward ${reward.toFixed(1)}. The network zoo:${NAME}: ${whole(nonzeros)} of ${whole(weights)} weights are not 0.`,
      },
      text: [`The command that made the network: ${network.metadata.command}`],
    };
  },
};
