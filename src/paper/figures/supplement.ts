/**
 * The paper's supplement: a 90 % sparse network driving, on the first of the unseen tracks. It is the one that ships
 * with the package, which has learnt to drive by DAgger; the networks of Figs 2b, 8 and 9 imitate only.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "../../../policies/ternary/describe.ts";
import { readNetwork } from "../../../policies/ternary/safetensors.ts";
import { tracks } from "../../data/tracks.ts";
import { type Figure, whole } from "../figure.ts";

const [TRACK] = tracks("tests", 1);
const FILE = "supplement.mp4";
const NAME = "car-90";
const NETWORK = new URL(`../../../policies/zoo/${NAME}.safetensors`, import.meta.url);

export const supplement: Figure = {
  id: "supplement",
  title: "Supplement: a 90 % sparse network drives",
  async run({ workspace }) {
    const [{ policyDrive }, { renderVideo }, { TernaryPolicy }] = await Promise.all([
      import("../../show/video/drive.ts"),
      import("../../show/video/render-video.ts"),
      import("../../../policies/ternary/policy.ts"),
    ]);
    const network = readNetwork(readFileSync(NETWORK));
    const { reward, frames } = await workspace.point(
      "supplement/drive",
      { track: TRACK, network: network.metadata.command },
      async () => {
        const drive = await policyDrive(await TernaryPolicy.create(network), TRACK);
        const video = await renderVideo([drive], join(workspace.folder, FILE), { inset: true });
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
      text: [`The network was made by: ${network.metadata.command}`],
    };
  },
};
