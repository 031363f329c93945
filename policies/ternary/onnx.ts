/**
 * Ternary networks as ONNX models, for every runtime that reads them: input is the raw frame or image, bytes as the
 * environment gives them; crop, scaling and action are part of the graph. Weights stay int8 in the file.
 *
 *     car    observation uint8 [n, 96, 96, 3] → sums int32 [n, 3], action float32 [n, 3]
 *     MNIST  image uint8 [n, 28, 28]          → sums int32 [n, 10], label int64 [n]
 *
 * Outputs equal this package's to the last bit. A network is whole numbers all through (network.ts), and float32 adds
 * whole numbers exactly, in any order, as long as none passes 2^24. Where a layer's sums may be larger, a dense layer
 * runs in float64; a convolution, which runtimes have in float32 only, runs twice, on the high and on the low twelve
 * bits of its inputs. (Runtimes that convolve by Winograd's transformation round: onnxruntime's CPU does not.)
 *
 * The file format is onnx.proto of github.com/onnx/onnx, version 8 of its intermediate representation, opset 17.
 */
import protobuf from "protobufjs/light.js";
import { CROP_FIRST_COLUMN, CROP_SIZE, cropRow, FRAME_SIZE } from "./crop.ts";
import {
  type ConvLayer,
  checkNetwork,
  type DenseLayer,
  type Layer,
  mostNonzeros,
  type TernaryNetwork,
  unitValue,
  weightShape,
} from "./network.ts";

const IR_VERSION = 8;
const OPSET = 17;
/** Whole numbers up to here are exact in float32. */
const EXACT_FLOAT = 2 ** 24;
/** Inputs of a wide convolution are split into their low twelve bits and the rest. */
const LOW = 2 ** 12;

/** Field names, types and numbers of the part of onnx.proto that is written here. */
const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({
      irVersion: ["int64", 1],
      producerName: ["string", 2],
      graph: ["GraphProto", 7],
      opsetImport: ["OperatorSetIdProto", 8, "repeated"],
      metadataProps: ["StringStringEntryProto", 14, "repeated"],
    }),
    OperatorSetIdProto: message({ domain: ["string", 1], version: ["int64", 2] }),
    StringStringEntryProto: message({ key: ["string", 1], value: ["string", 2] }),
    GraphProto: message({
      node: ["NodeProto", 1, "repeated"],
      name: ["string", 2],
      initializer: ["TensorProto", 5, "repeated"],
      input: ["ValueInfoProto", 11, "repeated"],
      output: ["ValueInfoProto", 12, "repeated"],
    }),
    NodeProto: message({
      input: ["string", 1, "repeated"],
      output: ["string", 2, "repeated"],
      name: ["string", 3],
      opType: ["string", 4],
      attribute: ["AttributeProto", 5, "repeated"],
    }),
    AttributeProto: message({
      name: ["string", 1],
      i: ["int64", 3],
      ints: ["int64", 8, "repeated"],
      type: ["int32", 20],
    }),
    TensorProto: message({
      dims: ["int64", 1, "repeated"],
      dataType: ["int32", 2],
      name: ["string", 8],
      rawData: ["bytes", 9],
    }),
    ValueInfoProto: message({ name: ["string", 1], type: ["TypeProto", 2] }),
    TypeProto: message({ tensorType: ["TensorType", 1] }),
    TensorType: message({ elemType: ["int32", 1], shape: ["TensorShapeProto", 2] }),
    TensorShapeProto: message({ dim: ["Dimension", 1, "repeated"] }),
    Dimension: message({ dimValue: ["int64", 1], dimParam: ["string", 2] }),
  },
});

function message(fields: Record<string, [type: string, id: number, rule?: string]>): protobuf.IType {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...(rule && { rule }) }]),
    ),
  };
}

/** `TensorProto.DataType` */
const Type = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, double: 11 } as const;
type TypeName = keyof typeof Type;

/** `AttributeProto.AttributeType` */
const INT = 2;
const INTS = 7;

/**
 * The bytes of a network's ONNX model; the same network gives the same bytes.
 * @throws InvalidNetwork on a network that is not ternary, or outside of its integer bounds
 */
export function writeOnnx(network: TernaryNetwork): Uint8Array {
  checkNetwork(network);
  const { architecture } = network;
  const { task, layers } = architecture;
  const graph = new Graph();
  const outputs = layers[layers.length - 1].out;
  const isCar = task === "car";
  const input = isCar ? "observation" : "image";
  let x: Value = {
    name: isCar ? cropped(graph, input) : graph.op("Unsqueeze", [input, graph.axes(1)]),
    type: "uint8",
  };
  x = graph.cast(x, "float");
  if (architecture.pixel === "2p-255") {
    const doubled = graph.op("Mul", [x.name, graph.scalar(2, "float")]);
    x = { name: graph.op("Sub", [doubled, graph.scalar(255, "float")]), type: "float" };
  }
  layers.forEach((layer, k) => {
    const exact = mostNonzeros(layer, network.weights[layer.name]) * unitValue(network, k - 1) <= EXACT_FLOAT;
    x =
      layer.kind === "conv"
        ? convolution(graph, network, layer, x, exact)
        : dense(graph, network, layer, x, exact);
    if (k < layers.length - 1) x = clipped(graph, x, unitValue(network, k));
  });
  graph.op("Cast", [x.name], { to: Type.int32 }, "sums");
  if (isCar) action(graph, x, unitValue(network));
  else graph.op("ArgMax", [x.name], { axis: 1, keepdims: 0 }, "label");

  const own = { format: "tritrack-ternary", task, ...network.metadata };
  const model = {
    irVersion: IR_VERSION,
    producerName: "tritrack",
    opsetImport: [{ domain: "", version: OPSET }],
    metadataProps: Object.entries(own).map(([key, value]) => ({ key, value })),
    graph: {
      name: `ternary-${task}`,
      node: graph.nodes,
      initializer: graph.initializers,
      input: [valueInfo(input, "uint8", isCar ? [FRAME_SIZE, FRAME_SIZE, 3] : [28, 28])],
      output: [
        valueInfo("sums", "int32", [outputs]),
        isCar ? valueInfo("action", "float", [outputs]) : valueInfo("label", "int64", []),
      ],
    },
  };
  const ModelProto = schema.lookupType("ModelProto");
  return ModelProto.encode(ModelProto.fromObject(model)).finish();
}

/** A model that `writeOnnx` made, as plain data with the field names of onnx.proto: for tests. */
export function readOnnx(bytes: Uint8Array): Record<string, unknown> {
  const ModelProto = schema.lookupType("ModelProto");
  return ModelProto.toObject(ModelProto.decode(bytes), { longs: Number });
}

/** A tensor of the graph. */
interface Value {
  name: string;
  type: TypeName;
}

/** Rows and columns that the network sees, channels first. */
function cropped(graph: Graph, input: string): string {
  const rows = Array.from({ length: CROP_SIZE }, (_, y) => cropRow(y));
  const columns = Array.from({ length: CROP_SIZE }, (_, x) => x + CROP_FIRST_COLUMN);
  const high = graph.op("Gather", [input, graph.axes(...rows)], { axis: 1 });
  const square = graph.op("Gather", [high, graph.axes(...columns)], { axis: 2 });
  return graph.op("Transpose", [square], { perm: [0, 3, 1, 2] });
}

function convolution(
  graph: Graph,
  network: TernaryNetwork,
  layer: ConvLayer,
  x: Value,
  exact: boolean,
): Value {
  const { kernel, stride, pad, pool } = layer;
  const weights = graph.weights(network, layer, "float");
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  };
  const convolve = (part: Value) => graph.op("Conv", [graph.cast(part, "float").name, weights], attributes);
  let sums: Value;
  if (exact) sums = { name: convolve(x), type: "float" };
  else {
    const low = graph.scalar(LOW, "double");
    const wide = graph.cast(x, "double").name;
    const upper = graph.op("Floor", [graph.op("Div", [wide, low])]);
    const lower = graph.op("Sub", [wide, graph.op("Mul", [upper, low])]);
    const [upperSums, lowerSums] = [upper, lower].map((name) => {
      const part = { name: convolve({ name, type: "double" }), type: "float" } as const;
      return graph.cast(part, "double").name;
    });
    sums = { name: graph.op("Add", [graph.op("Mul", [upperSums, low]), lowerSums]), type: "double" };
  }
  const windows = { kernel_shape: [pool, pool], strides: [pool, pool] };
  return { name: graph.op("MaxPool", [sums.name], windows), type: sums.type };
}

function dense(graph: Graph, network: TernaryNetwork, layer: DenseLayer, x: Value, exact: boolean): Value {
  const type = exact ? "float" : "double";
  const flat = graph.op("Flatten", [graph.cast(x, type).name], { axis: 1 });
  const weights = graph.op("Transpose", [graph.weights(network, layer, type)], { perm: [1, 0] });
  return { name: graph.op("MatMul", [flat, weights]), type };
}

/** HardTanh: a clip at the whole number that stands for 1. */
function clipped(graph: Graph, x: Value, unit: number): Value {
  const bounds = [graph.scalar(-unit, x.type), graph.scalar(unit, x.type)];
  return { name: graph.op("Clip", [x.name, ...bounds]), type: x.type };
}

/** `toAction` of policy.ts: divided in float64, clipped, rounded to float32. */
function action(graph: Graph, x: Value, unit: number): void {
  const value = graph.op("Div", [graph.cast(x, "double").name, graph.scalar(unit, "double")]);
  const low = graph.tensor("double", [3], Float64Array.of(-1, 0, 0));
  const high = graph.tensor("double", [3], Float64Array.of(1, 1, 1));
  const bounded = graph.op("Min", [graph.op("Max", [value, low]), high]);
  graph.op("Cast", [bounded], { to: Type.float }, "action");
}

/** Nodes and constants, named as they come. */
class Graph {
  readonly nodes: object[] = [];
  readonly initializers: object[] = [];

  /** Adds a node. @returns the name of its output */
  op(
    opType: string,
    input: readonly string[],
    attributes: Record<string, number | readonly number[]> = {},
    output = `${opType.toLowerCase()}_${this.nodes.length}`,
  ): string {
    const attribute = Object.entries(attributes).map(([name, value]) =>
      typeof value === "number" ? { name, i: value, type: INT } : { name, ints: value, type: INTS },
    );
    this.nodes.push({ opType, name: `${output}:${opType}`, input, output: [output], attribute });
    return output;
  }

  cast(x: Value, type: TypeName): Value {
    return x.type === type ? x : { name: this.op("Cast", [x.name], { to: Type[type] }), type };
  }

  tensor(
    type: TypeName,
    dims: readonly number[],
    data: Float32Array | Float64Array | BigInt64Array | Int8Array,
    name = `constant_${this.initializers.length}`,
  ): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, dims, dataType: Type[type], rawData });
    return name;
  }

  scalar(value: number, type: TypeName): string {
    return this.tensor(type, [], type === "double" ? Float64Array.of(value) : Float32Array.of(value));
  }

  axes(...values: number[]): string {
    return this.tensor("int64", [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A layer's weights, kept as int8 under its name. */
  weights({ weights }: TernaryNetwork, layer: Layer, type: "float" | "double"): string {
    const stored = this.tensor("int8", weightShape(layer), weights[layer.name], layer.name);
    return this.cast({ name: stored, type: "int8" }, type).name;
  }
}

function valueInfo(name: string, type: TypeName, shape: readonly number[]): object {
  const dim = [{ dimParam: "n" }, ...shape.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType: Type[type], shape: { dim } } } };
}
