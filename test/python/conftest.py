"""What the tests share: the command line, a network, recordings of its drives, a server of Gymnasium's environments."""

import contextlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
COMMAND = shlex.split(os.environ["TRITRACK_COMMAND"])


def tritrack(*args):
    """Runs a command; its --json object."""
    command = [*COMMAND, *map(str, args), "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def node(script, *args):
    """Runs a script of this folder."""
    command = [COMMAND[0], "--import", "tsx", str(ROOT / "test/python" / script), *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def networks(tmp_path_factory):
    """A folder of networks with the sums that this package computes for random pictures (networks.ts)."""
    folder = tmp_path_factory.mktemp("networks")
    node("networks.ts", folder)
    return folder


@pytest.fixture(scope="session")
def car_network():
    """A network that drives."""
    return ROOT / "policies/zoo/car-90.safetensors"


@pytest.fixture(scope="session")
def drives(tmp_path_factory, car_network):
    """Recordings of two drives of the network, on tracks 7 and 8."""
    folder = tmp_path_factory.mktemp("drives")
    tritrack("demos", "--driver", car_network, "--episodes", 2, "--seed", 7, "--out", folder)
    return folder


@pytest.fixture(scope="session")
def archives(tmp_path_factory, drives):
    """The same drives as npz."""
    folder = tmp_path_factory.mktemp("archives")
    return [ROOT / file for file in tritrack("export", drives, "--npz", folder)["files"]]


@pytest.fixture(scope="session")
def python_server():
    """Address of `python -m tritrack_gym.serve`."""
    with serving("CarRacing-v3", "LunarLander-v3") as url:
        yield url


@contextlib.contextmanager
def serving(*args):
    """Runs `python -m tritrack_gym.serve` and ends it."""
    command = [sys.executable, "-m", "tritrack_gym.serve", *args, "--port", "0"]
    env = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parent)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(10)
