"""Spaces of Gymnasium as messages of the bridge carry them, and their elements.

A Box of float16 travels as one of float32: both languages have that type, and it holds every value.
"""

import numpy as np
from gymnasium import spaces


def to_wire(space: spaces.Space) -> dict:
    """A space as messages carry it.

    Raises:
        TypeError: a space that the bridge does not carry
    """
    kind = type(space)
    if kind is spaces.Box and space.dtype == np.float16:
        return {"type": "Box", "dtype": "float32", "low": space.low, "high": space.high}
    if kind is spaces.Box:
        return {"type": "Box", "dtype": space.dtype.name, "low": space.low, "high": space.high}
    if kind is spaces.Discrete:
        return {"type": "Discrete", "n": space.n, "start": space.start}
    if kind is spaces.MultiDiscrete and space.nvec.ndim == 1 and not space.start.any():
        return {"type": "MultiDiscrete", "nvec": space.nvec.tolist()}
    if kind is spaces.MultiBinary and np.ndim(space.n) == 0:
        return {"type": "MultiBinary", "n": space.n}
    if kind is spaces.Tuple:
        return {"type": "Tuple", "spaces": [to_wire(part) for part in space.spaces]}
    if kind is spaces.Dict:
        return {"type": "Dict", "spaces": [[key, to_wire(part)] for key, part in space.spaces.items()]}
    raise TypeError(f"the bridge does not carry the space {space}")


def from_wire(wire: dict) -> spaces.Space:
    """The space that a message describes.

    Raises:
        TypeError: a space of another kind
    """
    kind = wire["type"]
    if kind == "Box":
        low, high = wire["low"], wire["high"]
        return spaces.Box(low, high, low.shape, np.dtype(wire["dtype"]).type)
    if kind == "Discrete":
        return spaces.Discrete(wire["n"], start=wire["start"])
    if kind == "MultiDiscrete":
        return spaces.MultiDiscrete(wire["nvec"])
    if kind == "MultiBinary":
        return spaces.MultiBinary(wire["n"])
    if kind == "Tuple":
        return spaces.Tuple([from_wire(part) for part in wire["spaces"]])
    if kind == "Dict":
        return spaces.Dict({key: from_wire(part) for key, part in wire["spaces"]})
    raise TypeError(f"the bridge does not carry a space of type {kind}")


def element(space: spaces.Space, x):
    """An element that came in a message, in the types of the space's elements. None, which is no element, stays None."""
    if x is None:
        return None
    if isinstance(space, spaces.Discrete):
        return space.dtype.type(x) if isinstance(x, (int, np.integer)) else x
    if isinstance(space, (spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)):
        array = np.asarray(x)
        kinds = array.dtype.kind + space.dtype.kind
        # Floats of another type are left to the environment, as those of a local caller are.
        is_same = all(kind in "iub" for kind in kinds) or space.dtype == np.float16
        return array.astype(space.dtype) if is_same else array
    if isinstance(space, spaces.Tuple) and isinstance(x, list) and len(x) == len(space.spaces):
        return tuple(element(part, item) for part, item in zip(space.spaces, x))
    if isinstance(space, spaces.Dict) and isinstance(x, dict):
        return {key: element(space[key], item) if key in space.spaces else item for key, item in x.items()}
    return x
