/** Every parser of the package that reads untrusted bytes, with genuine inputs to damage. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { decodeMessage, encodeMessage, NdArray } from "../../env/remote/message.ts";
import { spaceFromWire, spaceToWire } from "../../env/remote/wire-space.ts";
import { Box, Dict, Discrete } from "../../env/spaces.ts";
import { mnistArchitecture } from "../../policies/ternary/network.ts";
import { randomNetwork } from "../../policies/ternary/random.ts";
import { readNetwork, writeNetwork } from "../../policies/ternary/safetensors.ts";
import { PieceReader } from "../../recordings/byte-source.ts";
import { type Episode, formatEpisode, parseEpisode } from "../../recordings/episode.ts";
import { journalChunkLine, journalStartLine, parseJournal } from "../../recordings/journal.ts";
import { readMetadata, readMinari } from "../../recordings/minari/minari.ts";
import { episodeFromNpz } from "../../recordings/npz/episode.ts";
import { readNpyData, readNpyHeader, writeNpy } from "../../recordings/npz/npy.ts";
import { NpzArchive, writeNpz } from "../../recordings/npz/npz.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/data/checkpoint.ts";
import type { Parser } from "./fuzz.ts";

/** Work that the checkpoints belong to. */
const IDENTITY = { options: { seed: 1 }, content: { data: 5 } };

/** Inputs of a whole run: of parsers in general, of those that hold the environment against a drive, and of HDF5. */
const MANY = 100_000;
const FEW = 20_000;

const GENUINE = join(import.meta.dirname, "..", "recordings", "genuine");
const genuine = (name: string) => new Uint8Array(readFileSync(join(GENUINE, name)));
const unpacked = (name: string) => new Uint8Array(gunzipSync(readFileSync(join(GENUINE, `${name}.gz`))));
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const actionsIn = {
  int32: (values: readonly number[]) => Int32Array.from(values),
  float32: (values: readonly number[]) => Float32Array.from(values),
  float64: (values: readonly number[]) => Float64Array.from(values),
};

/** A recording of made-up steps; nothing is replayed here. */
function episode(type: Episode["form"]["type"]): Episode {
  const steps = 60;
  const size = type === "int32" ? 1 : 3;
  const values = Array.from({ length: steps * size }, (_, i) => (i % 5) / (type === "int32" ? 1 : 7));
  return {
    tritrack: "0.1.0",
    environment: { id: "CarRacing-v3", kwargs: { frameSkip: 2 }, maxEpisodeSteps: 1000 },
    seed: type === "float64" ? 2n ** 64n - 1n : 7,
    options: { randomize: true },
    driver: { kind: "policy", name: "fuzz", sha256: "a".repeat(64), noise: 0.5 },
    form: { type, size },
    actions: actionsIn[type](values),
    rewards: Float64Array.from({ length: steps }, (_, i) => i - 0.1),
    end: "truncated",
    frameSha256: "0123456789abcdef".repeat(4),
    corrections: [
      [3, 9],
      [20, 21],
    ],
  };
}

function journal(whole: Episode): string {
  const { size } = whole.form;
  const lines = [0, 30].map((step) =>
    journalChunkLine(
      {
        step,
        actions: whole.actions.slice(step * size, (step + 30) * size),
        rewards: whole.rewards.slice(step, step + 30),
        frameSha256: whole.frameSha256,
        end: step === 30 ? whole.end : undefined,
      },
      whole.form,
    ),
  );
  return journalStartLine(whole) + lines.join("");
}

const episodes = (["float32", "float64", "int32"] as const).map(episode);
const networks = [randomNetwork(mnistArchitecture, 90, 1)];
const arrays = {
  seed: { shape: [], data: BigInt64Array.of(7n) },
  actions: { shape: [4, 3], data: new Float64Array(12) },
  rewards: { shape: [4], data: new Float32Array(4) },
  observations: { shape: [5, 2, 2, 3], data: new Uint8Array(60) },
  recording: JSON.stringify({
    environment: episodes[0].environment,
    options: {},
    driver: { kind: "human", name: "x" },
  }),
};
const message = {
  id: 3,
  call: "step",
  env: 1,
  action: new NdArray("float32", [3], Float32Array.of(0, 1, 0)),
  seed: 2n ** 63n - 1n,
  nested: [{ a: null }, Number.NaN, "text"],
};

/** Parsers of bytes in memory. */
export function parsers(): Parser[] {
  const space = spaceToWire(
    new Dict({ box: new Box({ low: [0, 0], high: [1, 2], dtype: "float32" }), choice: new Discrete(4) }),
  );
  return [
    {
      name: "npy",
      inputs: MANY,
      samples: Object.values(arrays).map((array) => writeNpy(array as Parameters<typeof writeNpy>[0])),
      parse(bytes) {
        const reader = new PieceReader([bytes]);
        return readNpyData(reader, readNpyHeader(reader), 2 ** 20);
      },
    },
    {
      name: "npz",
      inputs: MANY,
      samples: [writeNpz(arrays as Parameters<typeof writeNpz>[0])],
      parse(bytes) {
        const archive = new NpzArchive(bytes, "x.npz");
        for (const key of archive.keys) archive.read(key, 2 ** 20);
        if (archive.header("observations")?.shape.length === 4) for (const _ of archive.rows("observations"));
      },
    },
    {
      name: "npz of a drive",
      inputs: FEW,
      samples: ["float64", "discrete", "fortran"].map((name) => genuine(`${name}.npz`)),
      parse: (bytes) => episodeFromNpz(bytes, "x.npz"),
    },
    {
      name: "recording",
      inputs: MANY,
      isText: true,
      samples: episodes.map((one) => encode(formatEpisode(one))),
      parse: (bytes) => parseEpisode(decode(bytes), "x.episode.json"),
    },
    {
      name: "journal",
      inputs: MANY,
      isText: true,
      samples: episodes.map((one) => encode(journal(one))),
      parse: (bytes) => parseJournal(decode(bytes), "x.episode.part"),
    },
    {
      name: "network",
      inputs: MANY,
      samples: networks.map(writeNetwork),
      parse: (bytes) => readNetwork(bytes, "x.safetensors"),
    },
    {
      name: "network header",
      inputs: MANY,
      isText: true,
      samples: networks.map(writeNetwork),
      parse: (bytes) => readNetwork(bytes, "x.safetensors"),
    },
    {
      name: "checkpoint",
      inputs: MANY,
      samples: [
        encodeCheckpoint("search", IDENTITY, { step: 3, weights: new Float32Array(50), names: ["a", "b"] }),
        encodeCheckpoint("search", IDENTITY, { step: 3, rest: Number.NaN }),
      ],
      parse: (bytes) => decodeCheckpoint("search", IDENTITY, bytes, "x"),
    },
    {
      name: "metadata of Minari",
      inputs: MANY,
      isText: true,
      samples: [encode(shortMetadata())],
      parse: (bytes) => readMetadata(decode(bytes), "x"),
    },
    {
      name: "HDF5 of Minari",
      inputs: FEW,
      processOf: 500,
      samples: ["float64", "discrete"].map((name) => unpacked(`${name}.minari.hdf5`)),
      parse: (data) => readMinari({ data, metadata: shortMetadata() }, "x", () => {}).catch(ofAnotherDrive),
    },
    {
      name: "message of the bridge",
      inputs: MANY,
      samples: [encodeMessage(message), encodeMessage({ id: 1, call: "hello" })],
      parse: decodeMessage,
    },
    {
      name: "message of the bridge as text",
      inputs: MANY,
      isText: true,
      samples: [encodeMessage(message), encodeMessage(space)],
      parse(bytes) {
        const decoded = decodeMessage(bytes);
        if ((decoded as { type?: unknown } | null)?.type !== undefined) spaceFromWire(decoded);
      },
    },
  ];
}

/** Metadata of a dataset without the bounds of every byte of a frame. */
function shortMetadata(): string {
  const metadata = JSON.parse(decode(unpacked("float64.minari.json")));
  return JSON.stringify({ ...metadata, observation_space: "{}" });
}

/** Two samples share one metadata: the discrete one is of another environment. */
function ofAnotherDrive(error: Error): void {
  if (!error.message.includes("expected three-number actions")) throw error;
}
