/**
 * Network files: the safetensors format (`safetensors-header.ts`) with one int8 tensor a layer under its name, shaped as
 * PyTorch shapes it. All else travels as `__metadata__`, whose values are texts: format version, task, divisors, sparsity,
 * and what the network says of itself (how it was made, scores).
 *
 * Bytes are not trusted: whatever does not read as such a file throws `CorruptFile`.
 */
import { describe, shorten } from "../../env/describe.ts";
import { CorruptFile } from "../../env/errors.ts";
import { isRecord } from "../../env/is-record.ts";
import { sparsity } from "./describe.ts";
import {
  architectures,
  checkNetwork,
  InvalidNetwork,
  type TernaryNetwork,
  weightCount,
  weightShape,
} from "./network.ts";
import { readSafetensors } from "./safetensors-header.ts";

const FORMAT = "tritrack-ternary";
const VERSION = "1";
/** Keys of metadata that the writer makes; the others are the network's own. */
const RESERVED = ["format", "version", "task", "divisors", "sparsity"];

/**
 * The bytes of a network's file; the same network gives the same bytes.
 * @throws InvalidNetwork on a network that is not ternary, or outside of its integer bounds
 */
export function writeNetwork(network: TernaryNetwork): Uint8Array {
  checkNetwork(network);
  const { layers, task } = network.architecture;
  const divisors = Object.fromEntries(layers.map(({ name }) => [name, network.divisors[name]]));
  const own = Object.entries(network.metadata).filter(([key]) => !RESERVED.includes(key));
  const header: Record<string, unknown> = {
    __metadata__: {
      format: FORMAT,
      version: VERSION,
      task,
      divisors: JSON.stringify(divisors),
      sparsity: JSON.stringify(sparsity(network)),
      ...Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
  let end = 0;
  for (const layer of layers) {
    const begin = end;
    end += weightCount(layer);
    header[layer.name] = { dtype: "I8", shape: weightShape(layer), data_offsets: [begin, end] };
  }
  let text = new TextEncoder().encode(JSON.stringify(header));
  // Readers map tensors in place: the header is padded with spaces to a multiple of 8.
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
  padded.set(text);
  text = padded;
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const layer of layers) {
    const weights = network.weights[layer.name];
    bytes.set(new Uint8Array(weights.buffer, weights.byteOffset, weights.length), at);
    at += weights.length;
  }
  return bytes;
}

/** Largest network file that is read, bytes: weights of 114 kB, and the state of a search in a checkpoint. */
export const MAX_NETWORK_BYTES = 48 * 2 ** 20;

/**
 * Reads a network file.
 * @param what how an error calls the file, for example its path
 * @throws CorruptFile on anything else
 */
export function readNetwork(bytes: Uint8Array, what = "network file"): TernaryNetwork {
  try {
    return toNetwork(bytes);
  } catch (error) {
    if (error instanceof CorruptFile || error instanceof InvalidNetwork)
      throw new CorruptFile(`${what}: ${error.message}`);
    throw error;
  }
}

function toNetwork(bytes: Uint8Array): TernaryNetwork {
  if (bytes.length > MAX_NETWORK_BYTES)
    throw new CorruptFile(`expected at most ${MAX_NETWORK_BYTES} bytes, got ${bytes.length}`);
  const { metadata, tensors, data } = readSafetensors(bytes);
  const { format, version, task } = metadata;
  if (format !== FORMAT) throw new CorruptFile(`format: expected "${FORMAT}", got ${describe(format)}`);
  if (version !== VERSION) throw new CorruptFile(`version: expected "${VERSION}", got ${describe(version)}`);
  if (task !== "car" && task !== "mnist")
    throw new CorruptFile(`task: expected "car" or "mnist", got ${describe(task)}`);
  const architecture = architectures[task];
  const divisors = parseDivisors(metadata.divisors);
  const network: TernaryNetwork = { architecture, weights: {}, divisors: {}, metadata: {} };
  const names = architecture.layers.map((layer) => layer.name);
  const stranger = [...tensors.keys()].find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw new CorruptFile(`tensors: expected ${names.join(", ")}, got ${describe(stranger)}`);
  for (const layer of architecture.layers) {
    const tensor = tensors.get(layer.name);
    const shape = JSON.stringify(weightShape(layer));
    if (tensor?.dtype !== "I8" || JSON.stringify(tensor.shape) !== shape)
      throw new CorruptFile(
        `tensor "${layer.name}": expected I8 ${shape}, got ${tensor ? `${shorten(tensor.dtype)} ${describe(tensor.shape)}` : "none"}`,
      );
    const { begin, end } = tensor;
    if (end - begin !== weightCount(layer))
      throw new CorruptFile(
        `tensor "${layer.name}": expected ${weightCount(layer)} bytes, got ${end - begin}`,
      );
    network.weights[layer.name] = new Int8Array(Uint8Array.from(data.subarray(begin, end)).buffer);
    network.divisors[layer.name] = divisors[layer.name] as number;
  }
  const own = Object.entries(metadata).filter(([key]) => !RESERVED.includes(key));
  network.metadata = Object.fromEntries(own);
  checkNetwork(network);
  return network;
}

/** Divisors by layer, not yet checked. */
function parseDivisors(text: string | undefined): Record<string, unknown> {
  let divisors: unknown;
  try {
    divisors = text === undefined || text.length > 1000 ? undefined : JSON.parse(text);
  } catch {
    // The check below reports text that is no JSON.
  }
  if (!isRecord(divisors)) throw new CorruptFile(`divisors: expected a JSON object, got ${describe(text)}`);
  return divisors;
}
