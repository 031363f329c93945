/**
 * Networks in tfjs's own format: a folder with model.json and weights.bin, as tfjs's file handler writes it. The
 * models hold two layers of ours, Convolution and HardTanh: other programs that load one import `tritrack/train` first.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { CorruptFile } from "../../env/errors.ts";
import type { TernaryNetwork } from "../../policies/ternary/network.ts";
import { makeFolder, writeFileAtomic } from "../../recordings/files/atomic.ts";
import { useBackend } from "./backend.ts";
import { fromTernaryNetwork } from "./model.ts";

const MODEL = "model.json";
const WEIGHTS = "weights.bin";

/** Writes the model of a network into a folder, which is made if it is not there. */
export async function saveTfjs(network: TernaryNetwork, folder: string): Promise<void> {
  await useBackend();
  const model = fromTernaryNetwork(network);
  makeFolder(folder);
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, format, generatedBy }) => {
      writeFileAtomic(join(folder, WEIGHTS), new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
      const weightsManifest = [{ paths: [WEIGHTS], weights: weightSpecs }];
      const contents = { modelTopology, format, generatedBy, convertedBy: null, weightsManifest };
      writeFileAtomic(join(folder, MODEL), JSON.stringify(contents));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    }),
  );
  model.dispose();
}

/** Reads the model in a folder. @throws {@link CorruptFile} if there is no LayersModel in it */
export async function loadTfjs(folder: string): Promise<layers.LayersModel> {
  await useBackend();
  const path = join(folder, MODEL);
  if (!existsSync(path)) throw new CorruptFile(`${folder}: expected a tfjs model, got no ${MODEL}`);
  try {
    const { modelTopology, weightsManifest, ...rest } = JSON.parse(readFileSync(path, "utf8"));
    const [{ paths, weights: weightSpecs }] = weightsManifest;
    const weightData = Uint8Array.from(readFileSync(join(folder, paths[0]))).buffer;
    return await layers.loadLayersModel(
      tf.io.fromMemory({ ...rest, modelTopology, weightSpecs, weightData }),
    );
  } catch (error) {
    throw new CorruptFile(
      `${folder}: expected a tfjs LayersModel, got another (${(error as Error).message})`,
    );
  }
}
