"""Ternary networks: read from their files, with the outputs of tritrack in TypeScript, bit for bit.

Every weight is -1, 0 or +1 and layer scales are 1/C with C a whole number. HardTanh is then a clip at a whole threshold, and a
network is exact integer arithmetic (policies/ternary/network.ts says how). forward.py runs it.

The file format is safetensors with one int8 tensor a layer; policies/ternary/safetensors.ts writes it. Files are not trusted.
"""

import hashlib
import json
import pathlib

import numpy as np

from .forward import ARCHITECTURES, Forward, InvalidNetwork, weight_shape

ZOO = pathlib.Path(__file__).with_name("zoo")
#: A network of this package may also be named as on tritrack's command line.
_ZOO_PREFIX = "zoo:"
_SUFFIX = ".safetensors"
_FORMAT = "tritrack-ternary"
_VERSION = "1"
#: Metadata that the writer makes; the rest is the network's own.
_RESERVED = ("format", "version", "task", "divisors", "sparsity")

#: Shape of what a network of each task is called with.
_INPUT_SHAPES = {"car": (96, 96, 3), "mnist": (28, 28)}
#: A car network sees columns 6 to 88 of rows 0 to 70 (the road) and 84 to 95 (the bars, which tell the speed).
_CROP_ROWS = np.r_[0:71, 84:96]
_CROP_COLUMNS = slice(6, 89)


class TernaryNetwork:
    """A ternary network. Called with what it sees, it says what to do: `load` makes it.

    Attributes
    ----------
    name : str
        The file's, without folder and suffix.
    task : {"car", "mnist"}
    weights : dict of str to ndarray of int8
        By layer; convolutions [out, in, kernel, kernel], dense layers [out, in]; -1, 0 or +1.
    divisors : dict of str to int
        By layer: its scale is one over it.
    metadata : dict of str to str
        What the file says of how the network was made.
    sha256 : str or None
        Of the file, in hexadecimal.
    """

    def __init__(self, task, weights, divisors, metadata=None, name="ternary", sha256=None):
        self.name = name
        self.task = task
        self.weights = weights
        self.divisors = divisors
        self.metadata = dict(metadata or {})
        self.sha256 = sha256
        self._forward = Forward(task, weights, divisors)

    @property
    def sparsity(self):
        """Share of the weights that are 0, in percent."""
        total = sum(layer.size for layer in self.weights.values())
        return 100 * (1 - sum(np.count_nonzero(layer) for layer in self.weights.values()) / total)

    def __repr__(self):
        return f"<TernaryNetwork {self.name}: {self.task}, {self.sparsity:.1f} % zeros>"

    def __call__(self, observation):
        """What the network makes of an observation.

        Parameters
        ----------
        observation : ndarray of uint8
            A frame of CarRacing [96, 96, 3]; of an MNIST network an image [28, 28]. Or several: [n, …].

        Returns
        -------
        ndarray
            Steer, gas and brake, float32 [3] or [n, 3], which `CarRacing.step` takes; or digits, int64 [] or [n].

        Raises
        ------
        ValueError
            The observation has another shape or type.
        """
        sums = self.sums(observation)
        if self.task == "mnist":
            return sums.argmax(-1)
        values = sums / self._forward.unit
        values[..., 0] = values[..., 0].clip(-1, 1)
        values[..., 1:] = values[..., 1:].clip(0, 1)
        return values.astype(np.float32)

    def sums(self, observation):
        """What the last layer sums up.

        Parameters
        ----------
        observation : ndarray of uint8
            As the network is called with.

        Returns
        -------
        ndarray of int32 [outputs] or [n, outputs]
        """
        shape = _INPUT_SHAPES[self.task]
        pixels = np.asarray(observation)
        if pixels.dtype != np.uint8 or pixels.shape[-len(shape) :] != shape or pixels.ndim > len(shape) + 1:
            expected = ", ".join(map(str, shape))
            raise ValueError(
                f"observation: expected uint8 [{expected}] or [n, {expected}], got {pixels.dtype} {list(pixels.shape)}"
            )
        is_single = pixels.ndim == len(shape)
        images = pixels[None] if is_single else pixels
        if self.task == "car":
            images = images[:, _CROP_ROWS, _CROP_COLUMNS]
        sums = np.array([self._forward.run(image) for image in images], np.int32).reshape(len(images), self._forward.outputs)
        return sums[0] if is_single else sums

    def __reduce__(self):
        return TernaryNetwork, (self.task, self.weights, self.divisors, self.metadata, self.name, self.sha256)


def names():
    """Returns the names of the networks that come with this package, a list of str."""
    return sorted(path.stem for path in ZOO.glob(f"*{_SUFFIX}"))


def load(name):
    """Loads a ternary network.

    Parameters
    ----------
    name : str or path
        The name of one that comes with this package, such as "car-90" (`networks.names()` lists them), or a file
        `FILE.safetensors`, which tritrack wrote.

    Returns
    -------
    TernaryNetwork

    Raises
    ------
    FileNotFoundError
        There is no such network.
    InvalidNetwork
        The file holds none.
    """
    text = str(name)
    is_file = text.endswith(_SUFFIX)
    path = pathlib.Path(text) if is_file else ZOO / f"{text.removeprefix(_ZOO_PREFIX)}{_SUFFIX}"
    if not is_file and (path.parent != ZOO or path.stem not in names()):
        raise FileNotFoundError(f"network: expected a file .safetensors or one of {', '.join(names())}, got {text!r:.80}")
    data = path.read_bytes()
    return _parse(data, path.name, path.name.removesuffix(_SUFFIX))


def _parse(data, what, name):
    def corrupt(why):
        return InvalidNetwork(f"{what}: {why}")

    if len(data) < 8:
        raise corrupt(f"expected a safetensors header, got {len(data)} bytes")
    length = int.from_bytes(data[:8], "little")
    if length > len(data) - 8:
        raise corrupt("the safetensors header passes the end of the file")
    tensors = data[8 + length :]
    header = _json_object(data[8 : 8 + length])
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict):
        raise corrupt("expected a safetensors header with metadata")
    for key, expected in (("format", _FORMAT), ("version", _VERSION)):
        if metadata.get(key) != expected:
            raise corrupt(f"{key}: expected {expected!r}, got {metadata.get(key)!r:.80}")
    task = metadata.get("task")
    if task not in ARCHITECTURES:
        raise corrupt(f"task: expected 'car' or 'mnist', got {task!r:.80}")
    layers = ARCHITECTURES[task].layers
    known = [layer.name for layer in layers]
    for key in header:
        if key != "__metadata__" and key not in known:
            raise corrupt(f"expected tensors {', '.join(known)}, got {key!r:.80}")
    weights = {}
    for layer in layers:
        shape, tensor = weight_shape(layer), header.get(layer.name)
        if not isinstance(tensor, dict) or tensor.get("dtype") != "I8" or tensor.get("shape") != list(shape):
            raise corrupt(f"tensor {layer.name!r}: expected int8 {list(shape)}, got {tensor!r:.80}")
        offsets = tensor.get("data_offsets")
        size = int(np.prod(shape))
        if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(offset) is int for offset in offsets):
            raise corrupt(f"tensor {layer.name!r}: expected two offsets, got {offsets!r:.80}")
        if offsets[0] < 0 or offsets[1] != offsets[0] + size or offsets[1] > len(tensors):
            raise corrupt(f"tensor {layer.name!r} lies outside of the file")
        weights[layer.name] = np.frombuffer(tensors[offsets[0] : offsets[1]], np.int8).reshape(shape)
    divisors = _json_object(metadata.get("divisors"))
    own = {key: value for key, value in metadata.items() if key not in _RESERVED}
    try:
        return TernaryNetwork(task, weights, divisors, own, name, hashlib.sha256(data).hexdigest())
    except InvalidNetwork as error:
        raise corrupt(str(error)) from None


def _json_object(text):
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
