"""WebAssembly modules in this process: compiled once, instantiated for each environment and network.

`carracing.wasm` is tritrack's CarRacing-v3 (docs/core.md describes it, core.py hosts it), `forward.wasm` runs ternary networks
(forward.py). Wasmtime compiles them to machine code, which takes some tenths of a second, so the code is kept in the user's
cache folder.

Functions are called through `wasmtime_func_call_unchecked` of Wasmtime's C API: 0.5 µs a call, where `wasmtime.Func` takes
10 µs to convert and check what is known here. Like every call of ctypes it releases the GIL. The way there leads over
names that are private to the package wasmtime (seen in 25 to 50); where one is missing, `wasmtime.Func` is called.
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

try:
    from wasmtime._ffi import dll as _library
except ImportError:  # a release of wasmtime that keeps it elsewhere
    _library = None

FOLDER = pathlib.Path(__file__).parent
_PAGE_BYTES = 65536
#: Bytes of the checksum before the machine code in a cache file.
_DIGEST_BYTES = 32

_PROTOTYPE = ctypes.CFUNCTYPE(
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p
)
_call_unchecked = _library and _PROTOTYPE(("wasmtime_func_call_unchecked", _library))


class ModuleFailed(RuntimeError):
    """A WebAssembly module could not be loaded, or a function of it trapped, which it never should."""


class _Shared:
    """The engine and the compiled modules of a process. A forked child goes on with its parent's."""

    def __init__(self):
        self.lock = threading.Lock()
        self.engine = None
        self.modules = {}

    def load(self, name):
        with self.lock:
            if self.engine is None:
                # Wasmtime would compile in threads of its own, which a forked child does not have.
                config = wasmtime.Config()
                config.parallel_compilation = False
                self.engine = wasmtime.Engine(config)
            if name not in self.modules:
                self.modules[name] = _compiled(self.engine, name)
        return self.engine, self.modules[name]

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

    __slots__ = ("name", "parameters", "_arguments", "_function", "_result", "_slots", "_store", "_trap")

    def __init__(self, store, function, name):
        kind = function.type(store)
        is_float = [str(param) == "f64" for param in kind.params]
        if any(is_float) and not all(is_float):
            raise ModuleFailed(f"{name}: expected parameters of one type")
        self.name = name
        # A slot of 16 bytes holds a parameter; the first one the result.
        self._slots = np.zeros((max(1, len(is_float)), 2), np.float64)
        self.parameters = (
            self._slots[: len(is_float), 0] if any(is_float) else self._slots.view(np.int32)[: len(is_float), 0]
        )
        results = [str(result) for result in kind.results]
        self._result = {"f64": self._slots[:1, 0], "i32": self._slots.view(np.int32)[:1, 0]}[results[0]] if results else None
        self._trap = ctypes.c_void_p()
        self._store = store
        self._function = function
        try:
            context, handle = ctypes.cast(store._context(), ctypes.c_void_p).value, ctypes.byref(function._func)
        except AttributeError:
            context = None
        self._arguments = None
        if context and _call_unchecked:
            self._arguments = context, handle, self._slots.ctypes.data, len(self._slots), ctypes.byref(self._trap)

    def __call__(self, *values):
        self.parameters[:] = values
        return self.run()

    def run(self):
        """Calls the function with what `parameters` holds.

        Returns
        -------
        int, float or None

        Raises
        ------
        ModuleFailed
            The function trapped.
        """
        if self._arguments is None:
            return self._call()
        if _call_unchecked(*self._arguments) or self._trap.value:
            self._trap.value = None
            raise ModuleFailed(f"{self.name} trapped in WebAssembly; the environment cannot be used any more")
        return self._result.item() if self._result is not None else None

    def _call(self):
        try:
            result = self._function(self._store, *self.parameters.tolist())
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            raise ModuleFailed(f"{self.name} trapped in WebAssembly; the environment cannot be used any more") from error
        if self._result is not None:
            self._result[0] = result
        return result


class Instance:
    """An instance of a module: a memory and the functions that work on it.

    It may be used from any thread, by one at a time.

    Parameters
    ----------
    name : str
        The module's file, without its suffix.

    Attributes
    ----------
    memory : ndarray of uint8
        The whole memory. It must not be used after the instance, nor after `grow`.
    addresses : dict of str to int
        The addresses and numbers that the module exports.

    Raises
    ------
    ModuleFailed
        The module is missing or damaged, or there is no memory for another instance.
    """

    def __init__(self, name):
        engine, module = _shared.load(name)
        self._store = wasmtime.Store(engine)
        try:
            self._exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        except wasmtime.WasmtimeError as error:
            raise ModuleFailed(f"{name}.wasm: no memory for another instance ({error})") from error
        self._functions = {}
        # Addresses are constants of the module: asked for once in a process.
        if name not in _addresses:
            items = self._exports.items()
            _addresses[name] = {key: item.value(self._store) for key, item in items if isinstance(item, wasmtime.Global)}
        self.addresses = _addresses[name]
        self._look()

    def _look(self):
        self.memory = np.frombuffer(self._exports["memory"].get_buffer_ptr(self._store), np.uint8)

    def grow(self, size):
        """Makes the memory at least `size` bytes long."""
        missing = size - len(self.memory)
        if missing > 0:
            self._exports["memory"].grow(self._store, -(-missing // _PAGE_BYTES))
            self._look()

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


#: By module.
_addresses = {}


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


def _compiled(engine, name):
    """A module, from the cache where it can be had. A cache that fails costs time, and nothing else."""
    try:
        wasm = (FOLDER / f"{name}.wasm").read_bytes()
    except OSError as error:
        raise ModuleFailed(f"{error.filename}: {error.strerror}; reinstall tritrack-gym") from error
    version = importlib.metadata.version("wasmtime")
    key = hashlib.sha256(wasm).hexdigest()[:16]
    file = f"{name}-{key}-wasmtime-{version}-{platform.machine()}.bin"
    folder = cache_folder()
    module = folder and _read_cache(engine, folder / file)
    if module:
        return module
    try:
        module = wasmtime.Module(engine, wasm)
    except wasmtime.WasmtimeError as error:
        raise ModuleFailed(f"{name}.wasm: Wasmtime {version} cannot compile it ({error})") from error
    if folder:
        _write_cache(folder, file, bytes(module.serialize()))
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
