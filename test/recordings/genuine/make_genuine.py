"""Drives in the real CarRacing-v3 as NumPy and Minari write them: the files beside this one.

    pip install "gymnasium[box2d]==1.4.0" "minari[all]==0.5.4" numpy pyarrow pillow
    pip install ./python        # for the datasets of tritrack/CarRacing-v3, with TRITRACK_COMMAND
    python make_genuine.py

Frames are kept, so every import is held against the pictures of the original. Minari's files are gzipped: it does not
compress frames, and its metadata lists the bounds of every byte of one.
"""

import gzip
import os
import pathlib
import tempfile
import warnings

root = tempfile.mkdtemp()
os.environ["MINARI_DATASETS_PATH"] = root
import gymnasium  # noqa: E402
import minari  # noqa: E402
import numpy as np  # noqa: E402
import tritrack_gym  # noqa: E402, F401
from gymnasium.wrappers import FrameStackObservation, GrayscaleObservation, RescaleAction, TimeLimit  # noqa: E402

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
STEPS = 8


def controls(step):
    """Steering that no float32 holds."""
    return np.array([0.3 * np.sin(step), 0.4, 0.1 / 3])


def drive(seed, act, **kwargs):
    env = gymnasium.make("CarRacing-v3", **kwargs)
    episode = {"observations": [env.reset(seed=seed)[0]], "actions": [], "rewards": [], "terminations": [], "truncations": []}
    for step in range(STEPS):
        action = act(step)
        observation, reward, terminated, truncated, _ = env.step(action)
        for key, value in zip(episode, (observation, action, reward, terminated, truncated)):
            episode[key].append(value)
    return {key: np.array(values) for key, values in episode.items()}


def save(name, seed, episode, **more):
    np.savez_compressed(HERE / f"{name}.npz", seed=seed, **episode, **more)


def swapped(array):
    return array.astype(array.dtype.newbyteorder(">"))


def write_npz():
    exact = drive(7, controls)
    save("float64", 7, exact)
    save("float32", 7, drive(7, lambda step: controls(step).astype(np.float32)))
    save("float16", 7, drive(7, lambda step: controls(step).astype(np.float16)))
    save("int64", 7, drive(7, lambda step: np.array([0, 1, 0])))
    save("bool", 7, drive(7, lambda step: np.array([False, True, False])))
    save("seed-64-bits", np.uint64(2**64 - 1), drive(2**64 - 1, controls))
    discrete = drive(7, lambda step: step % 5, continuous=False)
    save("discrete", 7, discrete)
    save("discrete-column", 7, {**discrete, "actions": discrete["actions"].reshape(-1, 1)})
    save("fortran", 7, {key: np.asfortranarray(array) for key, array in exact.items()})
    save("big-endian", 7, {key: swapped(array) if array.itemsize > 1 else array for key, array in exact.items()})
    save("half-rewards", 7, {**exact, "rewards": exact["rewards"].astype(np.float16)})
    strange = {
        "infos": np.array([{"a": 1}] * STEPS, dtype=object),
        "names": np.array(["a", "bb"]),
        "records": np.zeros(3, dtype=[("a", "f4")]),
    }
    save("with-others", 7, exact, **strange)


def collect(name, env, act=controls, steps=3, seeds=(3, None), options=None, **kwargs):
    collector = minari.DataCollector(env, **{"jpeg_encoding": False, **kwargs})
    for seed in seeds:
        collector.reset(seed=seed, options=options)
        for step in range(steps):
            collector.step(act(step))
    collector.create_dataset(name, algorithm_name="waves", author="test", description="test")
    data = pathlib.Path(root) / name / "data"
    short = name.split("/")[1].removesuffix("-v0")
    pack(data / "metadata.json", f"{short}.minari.json.gz")
    if kwargs.get("data_format") != "arrow":
        pack(data / "main_data.hdf5", f"{short}.minari.hdf5.gz")


def pack(path, name):
    (HERE / name).write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def single(step):
    return controls(step).astype(np.float32)


def write_minari():
    make = lambda **kwargs: gymnasium.make("CarRacing-v3", **kwargs)  # noqa: E731
    collect("car/float64-v0", make())
    collect("car/float32-v0", make(), single)
    collect("car/jpeg-v0", make(), jpeg_encoding=True)
    collect("car/verbose-v0", make(verbose=True, render_mode="rgb_array"))
    collect("car/discrete-v0", make(continuous=False), lambda step: step % 5)
    collect("car/options-v0", make(domain_randomize=True), options={"randomize": True})
    collect("car/limit-v0", TimeLimit(make(), 3))
    collect("car/infos-v0", make(lap_complete_percent=0.9), record_infos=True)
    collect("car/tritrack-v0", gymnasium.make("tritrack/CarRacing-v3"))
    collect("car/tritrack-options-v0", gymnasium.make("tritrack/CarRacing-v3", frame_skip=2, direction="backward"))
    collect("car/arrow-v0", make(), single, data_format="arrow")
    collect("car/stack-v0", FrameStackObservation(make(), 2))
    collect("car/gray-v0", GrayscaleObservation(make()))
    collect("car/rescale-v0", RescaleAction(make(), np.array([-1, -1, -1], np.float32), np.array([1, 1, 1], np.float32)))
    collect("car/unseeded-v0", make(), options={"minari_autoseed": False}, seeds=(None,))


if __name__ == "__main__":
    write_npz()
    write_minari()
