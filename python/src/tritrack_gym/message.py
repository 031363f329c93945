"""One message of the WebSocket bridge: 4 bytes of header length, a header of JSON, the data of its arrays.

In the header an array is {"__ndarray__": [dtype, shape, offset]} and a whole number beyond 64 bits {"__int__": digits};
other numbers that JSON cannot hold are arrays of shape []. The other end is env/remote/message.ts; docs/bridges.md
describes the protocol.
"""

import json
import math
import re

import numpy as np

#: Name and version of the protocol, which both sides of a connection say first.
PROTOCOL = "tritrack-remote"
VERSION = 1

#: Element types of arrays in messages. float16, which is not among them, travels as float32.
DTYPES = {
    name: np.dtype(name).newbyteorder("<")
    for name in (
        "bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64",
    )
}
#: Largest whole number up to which JSON readers keep every digit.
SAFE_INTEGER = 2**53 - 1
ARRAY_KEY, INTEGER_KEY = "__ndarray__", "__int__"
#: Levels of lists and dicts within each other.
MAX_DEPTH = 32
#: Bits of the largest whole number; Python itself turns no longer one into digits.
MAX_INTEGER_BITS = 13_000
INTEGER_DIGITS = re.compile(r"-?[0-9]{1,4000}")


class ProtocolError(Exception):
    """A message that the protocol does not allow."""


def shortened(text, most=80) -> str:
    """A text from elsewhere for an error message: on one line, at most `most` characters, control characters escaped."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def encode(value) -> bytes:
    """Encodes plain data: None, booleans, numbers, texts, arrays, and lists, tuples and dicts of them.

    Raises:
        TypeError: a value that messages do not carry
    """
    arrays = []
    offset = 0

    def place(array):
        nonlocal offset
        if array.dtype == np.float16:
            array = array.astype(np.float32)
        name = array.dtype.name
        if name not in DTYPES:
            raise TypeError(f"message: expected arrays of numbers or booleans, got an array of {name}")
        data = np.ascontiguousarray(array, dtype=DTYPES[name])
        placed = {ARRAY_KEY: [name, list(array.shape), offset]}
        arrays.append(data.data.cast("B") if data.size else b"")
        offset += data.nbytes
        return placed

    def integer(x):
        if abs(x) <= SAFE_INTEGER:
            return x
        if -(2**63) <= x < 2**64:
            return place(np.array(x, dtype=np.int64 if x < 2**63 else np.uint64))
        if x.bit_length() > MAX_INTEGER_BITS:
            raise TypeError(f"message: expected whole numbers of at most {MAX_INTEGER_BITS} bits, got {x.bit_length()}")
        return {INTEGER_KEY: str(x)}

    def to_json(x, depth):
        if x is None or isinstance(x, (bool, str)):
            return x
        if isinstance(x, np.bool_):
            return bool(x)
        if isinstance(x, (int, np.integer)):
            return integer(int(x))
        if isinstance(x, (float, np.floating)):
            x = float(x)
            if math.isfinite(x) and not (x == 0 and math.copysign(1, x) < 0):
                return x
            return place(np.array(x))
        if isinstance(x, np.ndarray):
            return place(x)
        if depth > MAX_DEPTH:
            raise TypeError(f"message: expected at most {MAX_DEPTH} levels of lists and dicts")
        if isinstance(x, (list, tuple)):
            return [to_json(item, depth + 1) for item in x]
        if isinstance(x, dict):
            keys = [str(key) for key in x]
            if ARRAY_KEY in keys or INTEGER_KEY in keys:
                raise TypeError(f"message: expected other keys than {ARRAY_KEY} and {INTEGER_KEY}")
            return {key: to_json(item, depth + 1) for key, item in zip(keys, x.values())}
        raise TypeError(f"message: expected plain data and arrays, got {type(x).__name__}")

    header = json.dumps(to_json(value, 0), allow_nan=False, separators=(",", ":")).encode()
    return b"".join([len(header).to_bytes(4, "little"), header, *arrays])


def decode(message: bytes):
    """Decodes a message. Its arrays own their memory, and together are never larger than the message.

    Raises:
        ProtocolError: bytes that are no message
    """
    if not isinstance(message, bytes) or len(message) < 4:
        raise ProtocolError("message: expected 4 bytes of length first")
    start = 4 + int.from_bytes(message[:4], "little")
    left = len(message) - start
    if left < 0:
        raise ProtocolError("message: its header passes its end")

    def to_array(placed):
        nonlocal left
        try:
            name, shape, offset = placed
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

    def from_json(record):
        if ARRAY_KEY in record:
            return to_array(record[ARRAY_KEY])
        if INTEGER_KEY in record:
            digits = record[INTEGER_KEY]
            if not isinstance(digits, str) or not INTEGER_DIGITS.fullmatch(digits):
                raise ProtocolError("message: expected the digits of a whole number")
            return int(digits)
        return record

    try:
        return json.loads(message[4:start].decode(), object_hook=from_json)
    except (ValueError, RecursionError):
        raise ProtocolError("message: expected a header of JSON") from None
