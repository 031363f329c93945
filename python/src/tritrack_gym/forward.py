"""Runs a ternary network by `forward.wasm`, the kernel that tritrack has in TypeScript: exact, some 0.1 ms for a car network.

The kernel's source policies/ternary/kernels/forward.as.ts explains how maps and weights lie in memory, and
policies/ternary/program.ts is the same layout in TypeScript; this file has only what inference of one input needs (one lane,
one block). A layer is described by a record of 34 numbers, its nonzero weights by lists of byte offsets into its input.
"""

import dataclasses
import threading

import numpy as np

from .module import Instance

#: The largest magnitude of an input.
_INPUT_UNIT = 255
#: No sum may pass these, in convolutions of 16 bits and in all others.
_MOST_16, _MOST_32 = 32767, 2**31 - 1
#: Numbers of a layer's record that inference needs, in the kernel's order; those of search follow and stay 0.
_FIELDS = (
    "kind", "bits", "out_bits", "lanes", "planes", "outputs", "height", "width", "in_width", "acc_width", "acc_plane", "pool",
    "pooled_height", "pooled_width", "out_plane", "out_width", "out_first", "clip", "input", "input_stride", "acc", "acc_stride",
    "output", "output_stride", "plus_starts", "minus_starts", "plus", "minus",
)  # fmt: skip
_RECORD_NUMBERS = 34


class InvalidNetwork(ValueError):
    """A file or a set of weights is no ternary network."""


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer's shape. `kernel` 0 is a dense layer; `stride`, `pad` and `pool` are a convolution's, in pixels."""

    name: str
    inputs: int
    outputs: int
    kernel: int = 0
    stride: int = 1
    pad: int = 0
    pool: int = 1


@dataclasses.dataclass(frozen=True)
class Architecture:
    """Height, width and channels of the input, what a pixel p becomes (p * scale + shift), and the layers."""

    height: int
    width: int
    channels: int
    scale: int
    shift: int
    layers: tuple


#: Section 3.1 of the paper. A car network takes the 83×83 crop of networks.py.
ARCHITECTURES = {
    "car": Architecture(
        83, 83, 3, 2, -255,
        (Layer("1.0", 3, 32, 7, 4, 0, 2), Layer("2.0", 32, 64, 5, 1, 0, 2), Layer("fc1", 576, 100), Layer("fc2", 100, 3)),
    ),
    "mnist": Architecture(
        28, 28, 1, 1, 0, (Layer("1.0", 1, 16, 5, 1, 2, 2), Layer("2.0", 16, 32, 5, 1, 2, 2), Layer("fc", 1568, 10))
    ),
}  # fmt: skip


def weight_shape(layer):
    """Returns the shape of a layer's weights, PyTorch's: (out, in, kernel, kernel) or (out, in)."""
    return (layer.outputs, layer.inputs) + (layer.kernel, layer.kernel) * (layer.kernel > 0)


class Forward:
    """A network laid out in the memory of an instance of the kernel.

    Parameters
    ----------
    task : {"car", "mnist"}
    weights : dict of str to ndarray of int8
    divisors : dict of str to int

    Attributes
    ----------
    outputs : int
        Numbers that the network puts out.
    unit : int
        What stands for the value 1 in them.

    Raises
    ------
    InvalidNetwork
        A weight is not -1, 0 or +1, a shape or divisor is wrong, or sums may pass 2^31.
    """

    def __init__(self, task, weights, divisors):
        self._architecture = architecture = ARCHITECTURES[task]
        self._lock = threading.Lock()
        self._instance = Instance("forward")
        self._top = self._instance.function("heapBase")()
        units = _checked_units(architecture.layers, weights, divisors)
        self.unit = units[-1]
        self.outputs = architecture.layers[-1].outputs
        bits = [_bits(layer, weights[layer.name], unit) for layer, unit in zip(architecture.layers, units)]
        shapes = _shapes(architecture)
        self._pixels = self._allocate(architecture.height * architecture.width * architecture.channels)
        self._records = self._allocate(len(shapes) * _RECORD_NUMBERS * 4)
        inputs = [self._allocate(s["planes"] * s["plane_size"] * b // 8) for s, b in zip(shapes, bits)]
        lists = []
        for k, (layer, shape) in enumerate(zip(architecture.layers, shapes)):
            lists.append(self._lay_out(k, layer, shape, shapes, bits, inputs, units, weights[layer.name]))
        self._write(lists)
        first = architecture.layers[0]
        self._pack = self._instance.function("pack")
        self._pack_arguments = (
            self._records, self._pixels, architecture.height, architecture.width, architecture.channels, first.stride,
            first.pad, shapes[0]["plane_height"], architecture.scale, architecture.shift, 0, 0,
        )  # fmt: skip
        self._forward = self._instance.function("forward")
        shape = (architecture.height, architecture.width, architecture.channels)
        self._input = self._instance.view(self._pixels, np.uint8, *shape)
        self._sums = self._instance.view(lists[-1][0]["acc"], np.int32, self.outputs)

    def run(self, pixels):
        """Runs the network.

        Parameters
        ----------
        pixels : ndarray of uint8 [height, width, channels]

        Returns
        -------
        ndarray of int32 [outputs]
        """
        with self._lock:
            self._input[:] = pixels.reshape(self._input.shape)
            self._pack(*self._pack_arguments)
            self._forward(self._records, 0, len(self._architecture.layers), 0)
            return self._sums.copy()

    def _allocate(self, size):
        """Address of so many bytes, with room for a vector that is read past their end."""
        address = (self._top + 15) & ~15
        self._top = address + size + 32
        return address

    def _lay_out(self, k, layer, shape, shapes, bits, inputs, units, weights):
        """The record of layer k, and its lists of offsets with their addresses."""
        is_conv = layer.kernel > 0
        is_last = k + 1 == len(shapes)
        after = None if is_last else shapes[k + 1]
        feeds_conv = not is_last and self._architecture.layers[k + 1].kernel > 0
        acc_width = shape["plane_width"]
        acc_plane = -(-((shape["height"] - 1) * acc_width + shape["width"]) // 8) * 8 if is_conv else 1
        lists = _offset_lists(layer, shape, bits[k], weights)
        places = [self._allocate(4 * len(numbers)) for numbers in lists]
        record = {
            "kind": 0 if is_conv else 1, "bits": bits[k], "out_bits": 32 if is_last else bits[k + 1], "lanes": 1,
            "planes": layer.inputs if is_conv else 1, "outputs": layer.outputs, "height": shape["height"],
            "width": shape["width"], "in_width": shape["plane_width"], "acc_width": acc_width, "acc_plane": acc_plane,
            "pool": layer.pool, "pooled_height": shape["pooled_height"], "pooled_width": shape["pooled_width"],
            "out_plane": after["plane_size"] if feeds_conv else shape["pooled_height"] * shape["pooled_width"],
            "out_width": after["plane_width"] if feeds_conv else shape["pooled_width"],
            "out_first": after["pad"] * (after["plane_width"] + 1) if feeds_conv else 0,
            "clip": 0 if is_last else units[k + 1], "input": inputs[k],
            "acc": self._allocate(layer.outputs * max(acc_plane, 8) * bits[k] // 8), "output": 0 if is_last else inputs[k + 1],
            **dict(zip(("plus_starts", "minus_starts", "plus", "minus"), places)),
        }  # fmt: skip
        return record, places, lists

    def _write(self, layers):
        """Writes records and lists, once it is known how much memory all of it takes."""
        self._instance.grow(self._top)
        records = self._instance.view(self._records, np.int32, len(layers), _RECORD_NUMBERS)
        for row, (record, places, lists) in zip(records, layers):
            row[: len(_FIELDS)] = [record.get(field, 0) for field in _FIELDS]
            for place, numbers in zip(places, lists):
                self._instance.view(place, np.int32, len(numbers))[:] = numbers


def _checked_units(layers, weights, divisors):
    """What stands for 1 in the input and after each layer."""
    units = [_INPUT_UNIT]
    for layer in layers:
        ternary, divisor, shape = weights[layer.name], divisors.get(layer.name), weight_shape(layer)
        if ternary.shape != shape or not np.isin(ternary, (-1, 0, 1)).all():
            raise InvalidNetwork(f"layer {layer.name!r}: expected weights -1, 0 and +1 of shape {list(shape)}")
        if type(divisor) is not int or divisor < 1:
            raise InvalidNetwork(f"layer {layer.name!r}: expected a divisor from 1 up, got {divisor!r:.80}")
        units.append(units[-1] * divisor)
        if _largest_sum(ternary, units[-2]) > _MOST_32 or units[-1] > _MOST_32:
            raise InvalidNetwork(f"layer {layer.name!r}: its sums pass 2^31; smaller divisors or more zeros are needed")
    return units


def _largest_sum(weights, unit):
    """Bound of what a unit of a layer sums up, with a weight more than it has: search relies on it."""
    return (int(np.count_nonzero(weights.reshape(len(weights), -1), axis=1).max()) + 1) * unit


def _bits(layer, weights, unit):
    return 16 if layer.kernel and _largest_sum(weights, unit) <= _MOST_16 else 32


def _shapes(architecture):
    """Sizes of each layer's maps; a dense layer's are 1×1. The input of a convolution is split into stride² phases."""
    height, width = architecture.height, architecture.width
    shapes = []
    for layer in architecture.layers:
        if not layer.kernel:
            one = ("plane_height", "plane_width", "height", "width", "pooled_height", "pooled_width", "plane_size")
            shapes.append({**dict.fromkeys(one, 1), "planes": layer.inputs, "pad": 0})
            continue
        full = height + 2 * layer.pad, width + 2 * layer.pad
        plane_height, plane_width = (-(-size // layer.stride) for size in full)
        rows, columns = ((size - layer.kernel) // layer.stride + 1 for size in full)
        height, width = rows // layer.pool, columns // layer.pool
        shapes.append(
            {
                "planes": layer.inputs * layer.stride**2, "plane_height": plane_height, "plane_width": plane_width,
                "plane_size": plane_height * plane_width, "height": rows, "width": columns, "pooled_height": height,
                "pooled_width": width, "pad": layer.pad,
            }
        )  # fmt: skip
    return shapes


def _offset_lists(layer, shape, bits, weights):
    """Where the offsets of each unit's and plane's +1 and -1 weights begin, and the offsets themselves."""
    flat = weights.reshape(-1)
    index = np.arange(flat.size)
    if layer.kernel:
        kx, ky = index % layer.kernel, index // layer.kernel % layer.kernel
        plane = index // layer.kernel**2 % layer.inputs
        phase = (plane * layer.stride + ky % layer.stride) * layer.stride + kx % layer.stride
        position = phase * shape["plane_size"] + ky // layer.stride * shape["plane_width"] + kx // layer.stride
        per_list = layer.kernel**2
    else:
        position = index % layer.inputs
        per_list = layer.inputs
    offsets = position * bits // 8
    starts, chosen = [], []
    for sign in (1, -1):
        counts = (flat == sign).reshape(-1, per_list).sum(1)
        starts.append(np.concatenate(([0], np.cumsum(counts))))
        chosen.append(offsets[flat == sign])
    return *starts, *chosen
