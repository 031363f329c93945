"""The wheel: what `pip install ./python` brings along."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Its file, built from a copy, because a build leaves folders behind."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "python", folder / "source")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", folder, folder / "source"], check=True)
    [file] = folder.glob("*.whl")
    return file


def test_it_is_small_and_has_what_the_package_reads(wheel):
    assert wheel.name.endswith("-py3-none-any.whl") and wheel.stat().st_size <= 300_000
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "python/src/tritrack_gym"
    files = [*package.glob("*.py"), *package.glob("*.wasm"), *package.glob("zoo/*")]
    assert {str(file.relative_to(package.parent)) for file in files} <= names
    assert {"tritrack_gym.pth", "_tritrack_gym_startup.py"} <= names
    assert (package / "carracing.wasm").stat().st_size <= 300_000


def test_it_needs_gymnasium_numpy_and_wasmtime_alone(wheel):
    archive = zipfile.ZipFile(wheel)
    [metadata] = [name for name in archive.namelist() if name.endswith("/METADATA")]
    lines = archive.read(metadata).decode().splitlines()
    needed = [line.split(": ")[1] for line in lines if line.startswith("Requires-Dist") and "extra" not in line]
    assert [need.split(">")[0] for need in needed] == ["gymnasium", "numpy", "wasmtime"]


def test_it_works_where_it_is_unpacked(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = f"""
import site
site.addsitedir({str(tmp_path)!r})  # as Python does with the folder of its packages: .pth files are run
import gymnasium
env = gymnasium.make("tritrack/CarRacing-v3")
observation, _ = env.reset(seed=1)
import tritrack_gym
assert tritrack_gym.__file__.startswith({str(tmp_path)!r})
print(tritrack_gym.load("car-90")(observation).shape)
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == "(3,)\n", done.stderr
