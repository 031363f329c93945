"""The WebAssembly module `carracing.wasm` in this process: compiled once, instantiated for each environment.

The module is tritrack's CarRacing-v3 as docs/core.md describes it; core.py is its host. Wasmtime compiles it to machine
code, which takes some tenths of a second, so the code is kept in the user's cache folder. Nothing here knows of cars.

Functions are called through `wasmtime_func_call_unchecked` of Wasmtime's C API: 0.5 µs a call, where `wasmtime.Func` takes
10 µs to convert and check what is known here. Like every call of ctypes it releases the GIL.
"""

import ctypes
import hashlib
import importlib.metadata
import os
import pathlib
import platform
import sys
import tempfile
import threading

import numpy as np
import wasmtime
import wasmtime._ffi

WASM = pathlib.Path(__file__).with_name("carracing.wasm")
#: Version of docs/core.md that core.py is written for.
ABI = 1
#: Bytes of the checksum before the machine code in a cache file.
_DIGEST_BYTES = 32

_call_unchecked = ctypes.CFUNCTYPE(
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p
)(("wasmtime_func_call_unchecked", wasmtime._ffi.dll))


class ModuleFailed(RuntimeError):
    """The WebAssembly module could not be loaded, or a function of it trapped, which it never should."""


class _Shared:
    """The engine and the compiled module of a process. A forked child goes on with its parent's."""

    def __init__(self):
        self.lock = threading.Lock()
        self.engine = None
        self.module = None

    def load(self):
        with self.lock:
            if self.module is None:
                # Wasmtime would compile in threads of its own, which a forked child does not have.
                config = wasmtime.Config()
                config.parallel_compilation = False
                self.engine = wasmtime.Engine(config)
                self.module = _compiled(self.engine)
        return self.engine, self.module

    def renew_lock(self):
        self.lock = threading.Lock()


_shared = _Shared()
if hasattr(os, "register_at_fork"):
    # Another thread of the parent may have held the lock when it forked.
    os.register_at_fork(after_in_child=_shared.renew_lock)


class Function:
    """A function of an instance; calling it takes and returns numbers.

    Attributes
    ----------
    parameters : ndarray of float64 or int32
        Where the arguments are written, one each. Callers in a hurry write them here and use `run`.
    """

    __slots__ = ("name", "parameters", "_arguments", "_result", "_slots", "_store", "_trap")

    def __init__(self, store, function, name):
        kind = function.type(store)
        is_float = [str(param) == "f64" for param in kind.params]
        if any(is_float) and not all(is_float):
            raise ModuleFailed(f"carracing.wasm: expected parameters of one type, got {name}({kind.params})")
        self.name = name
        # A slot of 16 bytes holds a parameter; the first one the result.
        self._slots = np.zeros((max(1, len(is_float)), 2), np.float64)
        self.parameters = self._slots[: len(is_float), 0] if any(is_float) else self._slots.view(np.int32)[: len(is_float), 0]
        returns_float = [str(result) for result in kind.results] == ["f64"]
        self._result = self._slots[:1, 0] if returns_float else self._slots.view(np.int32)[:1, 0]
        self._trap = ctypes.c_void_p()
        self._store = store
        self._arguments = (
            ctypes.cast(store._context(), ctypes.c_void_p).value,
            # The handle is kept by the tuple: its address alone would not keep it.
            ctypes.byref(function._func),
            self._slots.ctypes.data,
            len(self._slots),
            ctypes.byref(self._trap),
        )

    def __call__(self, *values):
        self.parameters[:] = values
        return self.run()

    def run(self):
        """Calls the function with what `parameters` holds.

        Returns
        -------
        int or float

        Raises
        ------
        ModuleFailed
            The function trapped.
        """
        if _call_unchecked(*self._arguments) or self._trap.value:
            self._trap.value = None
            raise ModuleFailed(f"carracing.wasm: {self.name} trapped; the environment cannot be used any more")
        return self._result.item()


class Instance:
    """An instance of the module: a memory and the functions that work on it.

    It may be used from any thread, by one at a time.

    Attributes
    ----------
    memory : ndarray of uint8
        The whole memory. It never moves, and must not be used after the instance.
    addresses : dict of str to int
        The addresses and numbers that the module exports.

    Raises
    ------
    ModuleFailed
        The module is missing, damaged or of another version.
    """

    def __init__(self):
        engine, module = _shared.load()
        self._store = wasmtime.Store(engine)
        try:
            self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        except wasmtime.WasmtimeError as error:
            raise ModuleFailed(f"carracing.wasm: no memory for another environment ({error})") from error
        self._functions = {}
        self.addresses = _addresses(self._store, self._exports)
        memory = self._exports["memory"]
        self.memory = np.frombuffer(memory.get_buffer_ptr(self._store), np.uint8)

    def function(self, name):
        """Returns the function of that name.

        Parameters
        ----------
        name : str

        Returns
        -------
        Function
        """
        if name not in self._functions:
            self._functions[name] = Function(self._store, self._exports[name], name)
        return self._functions[name]

    def has(self, name):
        """Returns whether the module exports that name."""
        return self._exports.get(name) is not None

    def view(self, address, dtype, *shape):
        """Returns an array that looks into the memory.

        Parameters
        ----------
        address : int
            Byte where the array begins.
        dtype : data type
        *shape : int

        Returns
        -------
        ndarray
        """
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        return self.memory[address : address + size].view(dtype).reshape(shape)


#: Addresses are constants of the module: asked for once in a process.
_known_addresses = {}


def _addresses(store, exports):
    if not _known_addresses:
        found = {name: item.value(store) for name, item in exports.items() if isinstance(item, wasmtime.Global)}
        if found.get("ABI") != ABI:
            raise ModuleFailed(f"{WASM}: expected ABI {ABI}, got {found.get('ABI')}; reinstall tritrack-gym")
        _known_addresses.update(found)
    return _known_addresses


def cache_folder():
    """Returns the folder where compiled code is kept.

    It is the user's cache folder, or what the environment variable TRITRACK_CACHE names.

    Returns
    -------
    pathlib.Path or None
        None: TRITRACK_CACHE is empty, and nothing is kept.
    """
    if "TRITRACK_CACHE" in os.environ:
        named = os.environ["TRITRACK_CACHE"]
        return pathlib.Path(named) if named else None
    home = pathlib.Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return pathlib.Path(base) / "tritrack-gym"


def _compiled(engine):
    """The module, from the cache where it can be had. A cache that fails costs time, and nothing else."""
    try:
        wasm = WASM.read_bytes()
    except OSError as error:
        raise ModuleFailed(f"{WASM}: {error.strerror}; reinstall tritrack-gym") from error
    version = importlib.metadata.version("wasmtime")
    key = hashlib.sha256(wasm).hexdigest()[:16]
    name = f"carracing-{key}-wasmtime-{version}-{platform.machine()}.bin"
    folder = cache_folder()
    module = folder and _read_cache(engine, folder / name)
    if module:
        return module
    try:
        module = wasmtime.Module(engine, wasm)
    except wasmtime.WasmtimeError as error:
        raise ModuleFailed(f"{WASM}: Wasmtime {version} cannot compile it ({error})") from error
    if folder:
        _write_cache(folder, name, bytes(module.serialize()))
    return module


def _read_cache(engine, path):
    """What the cache has, or None. Machine code is only taken from a folder that nobody else can write to."""
    try:
        if not _is_private(path.parent):
            return None
        data = path.read_bytes()
    except OSError:
        return None  # nothing has been kept yet
    code = data[_DIGEST_BYTES:]
    if hashlib.sha256(code).digest() != data[:_DIGEST_BYTES]:
        return None
    try:
        return wasmtime.Module.deserialize(engine, code)
    except wasmtime.WasmtimeError:
        return None  # made for another processor


def _write_cache(folder, name, code):
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder):
            return
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(file.name, folder / name)
    except OSError:
        pass  # a full disk, a folder that is read-only


def _is_private(folder):
    if not hasattr(os, "getuid"):
        return True  # the folders of a user on Windows are that user's
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022
