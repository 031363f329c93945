"""Ternary networks in this process, beside tritrack's in TypeScript; and the command line that drives with them."""

import json
import pickle
import struct

import gymnasium
import numpy as np
import pytest
import tritrack_gym
from conftest import ROOT, tritrack
from tritrack_gym.__main__ import main
from tritrack_gym.evaluate import parse_seeds
from tritrack_gym.networks import InvalidNetwork, names

FRAME = np.random.default_rng(1).integers(0, 256, (96, 96, 3), np.uint8)


@pytest.mark.parametrize("name", ["car-90", "car-0", "car-90-wide", "mnist-90", "mnist-0", "mnist-90-wide"])
def test_sums_of_1000_pictures_are_equal(networks, name):
    network = tritrack_gym.load(networks / f"{name}.safetensors")
    pictures = np.fromfile(networks / ("car.bin" if network.task == "car" else "mnist.bin"), np.uint8)
    pictures = pictures.reshape(1000, *((96, 96, 3) if network.task == "car" else (28, 28)))
    expected = np.fromfile(networks / f"{name}.sums.bin", np.int32).reshape(1000, -1)
    assert np.array_equal(network.sums(pictures), expected) and len(np.unique(expected)) > 100
    assert np.array_equal(network.sums(pictures[3]), expected[3])
    if network.task == "mnist":
        assert np.array_equal(network(pictures), expected.argmax(1)) and network(pictures[0]) == expected[0].argmax()


def test_actions_of_two_drives_are_equal(archives, drives):
    policy = tritrack_gym.load("car-90")
    for archive in archives:
        lap = np.load(archive)
        actions = policy(lap["observations"][:-1])
        assert actions.dtype == np.float32 and np.array_equal(actions, lap["actions"])
        assert np.array_equal(policy(lap["observations"][7]), actions[7])
        driver = json.loads((drives / f"{archive.stem}.episode.json").read_text())["driver"]
        assert (driver["name"], driver["sha256"]) == (policy.name, policy.sha256)


def test_what_ships_is_what_the_zoo_has():
    zoo = {path.stem: path for path in (ROOT / "policies/zoo").glob("*.safetensors")}
    assert names() == sorted(zoo)
    for name, path in zoo.items():
        assert pickle.loads(pickle.dumps(tritrack_gym.load(name))).sha256 == tritrack_gym.load(path).sha256
    assert repr(tritrack_gym.load("zoo:car-90")) == "<TernaryNetwork car-90: car, 90.0 % zeros>"


def test_evaluation_is_that_of_the_command_in_node(capsys):
    assert main(["eval", "car-95", "--seeds", "20000-20001,20007", "--json"]) == 0
    ours = json.loads(capsys.readouterr().out)
    theirs = tritrack("eval", "zoo:car-95", "--seeds", "20000-20001,20007", "--workers", 1)
    for key in ("rewards", "mean", "sd", "min", "max", "laps", "steps", "episodes", "seeds", "policy"):
        assert ours[key] == theirs[key], key
    assert main(["eval", "car-95", "--seeds", "20000"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"car-95: {ours['rewards'][0]:.1f} ± 0.0 over 1 seed (20000)\nmin ") and " steps/s" in text


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["eval", "car-91"], "network: expected a file .safetensors or one of car-90, "),
        (["eval", "../zoo/car-90"], "network: expected a file .safetensors or one of car-90, "),
        (["eval", "none.safetensors"], "[Errno 2] No such file or directory: 'none.safetensors'"),
        (["eval", "mnist-90"], "mnist-90: expected a car network, got one of mnist"),
        (["eval", "car-90", "--seeds", "3-1"], "seeds: expected a range that runs upwards, got '3-1'"),
        (["eval", "car-90", "--seeds", "x"], "seeds: expected whole numbers and ranges like 20000-20099,5, got 'x'"),
        (["eval", "car-90", "--seeds", "0-9999999"], "seeds: expected at most 1000000 of them, got '0-9999999'"),
    ],
)
def test_bad_input_is_told_in_a_line(arguments, message, capsys):
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith(f"tritrack_gym: {message}") and told.err.count("\n") == 1


def test_seeds_are_read_as_node_reads_them():
    assert parse_seeds("20000-20002, 5 ,7-7") == [20000, 20001, 20002, 5, 7]


@pytest.mark.parametrize(
    "observation, got",
    [
        (FRAME.astype(float), "float64 [96, 96, 3]"),
        (FRAME[:83, :83], "uint8 [83, 83, 3]"),
        (FRAME[None, None], "uint8 [1, 1, 96, 96, 3]"),
        ("frame", "<U5 []"),
    ],
)
def test_other_observations_are_refused(observation, got):
    with pytest.raises(ValueError) as told:
        tritrack_gym.load("car-90")(observation)
    assert str(told.value) == f"observation: expected uint8 [96, 96, 3] or [n, 96, 96, 3], got {got}"


def rewritten(change):
    """The bytes of car-90 with another header."""
    data = (ROOT / "policies/zoo/car-90.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


def other_weight(data):
    return data[:-1] + b"\x02"


WHOLE = rewritten(lambda header: None)
DIVISORS = '{"1.0":13,"2.0":30,"fc1":25,"fc2":%s}'


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "expected a safetensors header, got 0 bytes"),
        (b"\xff" * 20, "the safetensors header passes the end of the file"),
        (b"\x02" + b"\0" * 7 + b"{}", "expected a safetensors header with metadata"),
        (
            rewritten(lambda header: header["__metadata__"].update(format="other")),
            "format: expected 'tritrack-ternary', got 'other'",
        ),
        (rewritten(lambda header: header["__metadata__"].update(version="2")), "version: expected '1', got '2'"),
        (
            rewritten(lambda header: header["__metadata__"].update(task="boat")),
            "task: expected 'car' or 'mnist', got 'boat'",
        ),
        (rewritten(lambda header: header.update(fc3={})), "expected tensors 1.0, 2.0, fc1, fc2, got 'fc3'"),
        (rewritten(lambda header: header.pop("fc1")), "tensor 'fc1': expected int8 [100, 576], got None"),
        (rewritten(lambda header: header["fc1"].update(data_offsets=[0, 5])), "tensor 'fc1' lies outside of the file"),
        (rewritten(lambda header: header["fc1"].update(data_offsets="x")), "tensor 'fc1': expected two offsets, got 'x'"),
        (WHOLE[:-1], "tensor 'fc2' lies outside of the file"),
        (other_weight(WHOLE), "layer 'fc2': expected weights -1, 0 and +1 of shape [3, 100]"),
        (
            rewritten(lambda header: header["__metadata__"].update(divisors=DIVISORS % "0")),
            "layer 'fc2': expected a divisor from 1 up, got 0",
        ),
        (
            rewritten(lambda header: header["__metadata__"].update(divisors=DIVISORS % "999999")),
            "layer 'fc2': its sums pass 2^31; smaller divisors or more zeros are needed",
        ),
    ],
)
def test_a_file_that_is_no_network_is_told(tmp_path, data, why):
    file = tmp_path / "bad.safetensors"
    file.write_bytes(data)
    with pytest.raises(InvalidNetwork) as told:
        tritrack_gym.load(file)
    assert str(told.value) == f"bad.safetensors: {why}"


def test_play_records_what_node_replays(tmp_path, monkeypatch):
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    from tritrack_gym import play as playing

    script = {3: ("down", "up"), 20: ("down", "left"), 40: ("up", "left"), 50: ("down", "s"), 60: ("down", "n"), 80: ("down", "r"),
              90: ("down", "escape")}  # fmt: skip
    steps = iter(range(1000))
    real = pygame.event.get

    def events():
        real()
        kind, name = script.get(next(steps), (None, None))
        kinds = {"down": pygame.KEYDOWN, "up": pygame.KEYUP}
        return [pygame.event.Event(kinds[kind], key=pygame.key.key_code(name))] if kind else []

    monkeypatch.setattr(pygame.event, "get", events)
    told = []
    files = playing.play(seed=7, out=tmp_path / "laps", fps=1000, log=told.append)
    assert [file.name for file in files] == ["human-7.episode.json", "human-8.episode.json", "human-8-2.episode.json"]
    assert len(told) == 3 and told[0].startswith("track 7: ")
    episode = json.loads(files[0].read_text())
    assert (
        episode["steps"] == 60
        and episode["end"] == "interrupted"
        and episode["driver"] == {"kind": "human", "name": "human"}
    )
    for file in files:  # the export drives the recording again, and compares rewards and the last frame
        tritrack("export", file, "--npz", tmp_path / "back.npz")
    back = np.load(tmp_path / "back.npz")
    env = gymnasium.make("tritrack/CarRacing-v3")
    env.reset(seed=8)
    assert np.array_equal(env.step(back["actions"][0])[0], back["observations"][1])
    first = np.load(tritrack("export", files[0], "--npz", tmp_path / "first.npz") and tmp_path / "first.npz")["actions"]
    assert first[2].tolist() == [0, 0, 0] and first[30].tolist() == [-1, 1, 0]
    assert first[45].tolist() == [0, 1, 0] and first[55].tolist() == [0, 1, np.float32(0.8)]


def test_play_without_pygame_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "pygame", None)
    assert main(["play"]) == 1
    assert capsys.readouterr().err == (
        "tritrack_gym: pygame is not installed, run `pip install pygame-ce`; "
        'without it, render_mode="rgb_array" gives the pictures\n'
    )
    with pytest.raises(gymnasium.error.DependencyNotInstalled):
        gymnasium.make("tritrack/CarRacing-v3", render_mode="human")
