#!/usr/bin/env python3
"""Copies what the Python package takes from the rest of the repository, or with `--check` proves that it has it, byte for byte.

    npm run build:kernels -- --force && python3 python/copies.py --check

The WebAssembly modules and the shipped networks are committed beside the Python sources, so that `pip install ./python` needs
nothing else. The modules are compared with those that `build:kernels` has just made.
"""

import base64
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "python/src/tritrack_gym"


def kernel(path):
    """The WebAssembly that `build:kernels` has made: a file, or base64 in a TypeScript module."""
    wasm = ROOT / f"{path}.wasm"
    if wasm.exists():
        return wasm.read_bytes()
    module = ROOT / f"{path}.wasm.ts"
    if not module.exists():
        sys.exit(f"{path}.wasm: expected a built module, got none: run npm run build:kernels")
    text = module.read_text()
    return base64.b64decode(re.search(r'"([A-Za-z0-9+/=]+)";', text).group(1))


def wanted():
    """What each file of the package should hold."""
    files = {
        PACKAGE / "carracing.wasm": kernel("env/car-racing/core/carracing"),
        PACKAGE / "forward.wasm": kernel("policies/ternary/kernels/forward"),
    }
    for network in sorted((ROOT / "policies/zoo").glob("*.safetensors")):
        files[PACKAGE / "zoo" / network.name] = network.read_bytes()
    return files


def main():
    files = wanted()
    strangers = set((PACKAGE / "zoo").glob("*")) - set(files)
    if "--check" not in sys.argv[1:]:
        for file, data in files.items():
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(data)
        for file in strangers:
            file.unlink()
        return
    different = [file for file, data in files.items() if not file.exists() or file.read_bytes() != data]
    for file in [*different, *sorted(strangers)]:
        print(
            f"{file.relative_to(ROOT)} is not what the repository's sources give: run python3 python/copies.py",
            file=sys.stderr,
        )
    if different or strangers:
        sys.exit(1)
    print(f"{len(files)} files of the Python package equal their sources")


main()
