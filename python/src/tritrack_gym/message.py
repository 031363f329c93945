"""One message of the WebSocket bridge: 4 bytes of header length, a header of JSON, the data of its arrays.

Where a value has an array the header has {"__ndarray__": [dtype, shape, offset]}; numbers that JSON cannot hold are
arrays of shape []. The other end is env/remote/message.ts; docs/bridges.md says it in full.
"""

import json
import math

import numpy as np

DTYPES = {
    name: np.dtype(name).newbyteorder("<")
    for name in (
        "bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64",
    )
}
SAFE_INTEGER = 2**53 - 1


class ProtocolError(Exception):
    """A message that is not as the protocol has it."""


def encode(value) -> bytes:
    """The bytes of plain data: None, booleans, numbers, texts, arrays, and lists, tuples and dicts of them."""
    arrays = []
    offset = 0

    def place(array):
        nonlocal offset
        name = array.dtype.name
        if name not in DTYPES:
            raise TypeError(f"the bridge carries no arrays of {name}")
        data = np.ascontiguousarray(array, dtype=DTYPES[name])
        placed = {"__ndarray__": [name, list(array.shape), offset]}
        arrays.append(data.data.cast("B") if data.size else b"")
        offset += data.nbytes
        return placed

    def to_json(x):
        if x is None or isinstance(x, (bool, str)):
            return x
        if isinstance(x, np.bool_):
            return bool(x)
        if isinstance(x, (int, np.integer)):
            if abs(int(x)) <= SAFE_INTEGER:
                return int(x)
            return place(np.array(x, dtype=np.int64))
        if isinstance(x, (float, np.floating)):
            x = float(x)
            if math.isfinite(x) and not (x == 0 and math.copysign(1, x) < 0):
                return x
            return place(np.array(x))
        if isinstance(x, np.ndarray):
            return place(x)
        if isinstance(x, (list, tuple)):
            return [to_json(item) for item in x]
        if isinstance(x, dict):
            return {str(key): to_json(item) for key, item in x.items()}
        raise TypeError(f"the bridge carries plain data and arrays, not {type(x).__name__}")

    header = json.dumps(to_json(value), allow_nan=False, separators=(",", ":")).encode()
    return b"".join([len(header).to_bytes(4, "little"), header, *arrays])


def decode(message: bytes):
    """What a message says. Arrays own their memory; together they are never larger than the message."""
    if not isinstance(message, bytes) or len(message) < 4:
        raise ProtocolError("message: expected 4 bytes of length first")
    start = 4 + int.from_bytes(message[:4], "little")
    left = len(message) - start
    if left < 0:
        raise ProtocolError("message: its header passes its end")

    def from_json(record):
        nonlocal left
        if "__ndarray__" not in record:
            return record
        try:
            name, shape, offset = record["__ndarray__"]
            dtype = DTYPES[name]
            if offset < 0 or any(n < 0 for n in shape):
                raise ValueError
            count = math.prod(shape)
            left -= count * dtype.itemsize
            if left < 0:
                raise ValueError
            array = np.frombuffer(message, dtype, count, start + offset).reshape(shape).copy()
        except (KeyError, TypeError, ValueError):
            raise ProtocolError("message: expected an array within its data") from None
        return array[()] if array.shape == () else array

    try:
        return json.loads(message[4:start].decode(), object_hook=from_json)
    except (ValueError, RecursionError):
        raise ProtocolError("message: expected a header of JSON") from None
