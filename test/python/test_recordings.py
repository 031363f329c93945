"""Episodes to and from NumPy and Minari, against the real packages and the real environment."""

import json
import subprocess

import gymnasium
import minari
import numpy as np
import pytest
import tritrack_gym  # noqa: F401, registers tritrack/CarRacing-v3
from conftest import tritrack
from minari.data_collector import EpisodeBuffer


def drive(seed, steps):
    """A drive of random actions in Gymnasium's CarRacing-v3, as lists."""
    env = gymnasium.make("CarRacing-v3")
    env.action_space.seed(seed)
    episode = {"observations": [env.reset(seed=seed)[0]], "actions": [], "rewards": [], "terminations": [], "truncations": []}
    for _ in range(steps):
        action = env.action_space.sample()
        observation, reward, terminated, truncated, _ = env.step(action)
        for key, value in zip(episode, (observation, action, reward, terminated, truncated)):
            episode[key].append(value)
    return env, episode


def test_npz_holds_the_frames_of_the_real_environment(archives):
    archive = np.load(archives[0])
    env = gymnasium.make("CarRacing-v3")
    observation, _ = env.reset(seed=int(archive["seed"]))
    assert np.array_equal(archive["observations"][0], observation)
    for step, action in enumerate(archive["actions"][:150]):
        observation, reward, terminated, truncated, _ = env.step(action)
        assert np.array_equal(archive["observations"][step + 1], observation)
        assert archive["rewards"][step] == reward
    assert archive["terminations"].dtype == bool and archive["terminations"].sum() + archive["truncations"].sum() == 1
    assert json.loads(archive["recording"].item())["driver"]["kind"] == "policy"


def test_npz_comes_back(archives, drives, tmp_path):
    [file] = tritrack("import", archives[0], "--out", tmp_path)["files"]
    original = json.loads((drives / f"{archives[0].stem}.episode.json").read_text())
    assert json.loads(open(file).read()) == original


def test_seed_and_actions_of_gymnasium_are_enough(tmp_path):
    _, episode = drive(seed=12, steps=40)
    np.savez_compressed(tmp_path / "drive.npz", seed=12, actions=np.array(episode["actions"]))
    [file] = tritrack("import", tmp_path / "drive.npz", "--out", tmp_path)["files"]
    tritrack("export", file, "--npz", tmp_path / "back.npz")
    back = np.load(tmp_path / "back.npz")
    assert np.array_equal(back["observations"], episode["observations"])
    assert np.array_equal(back["rewards"], episode["rewards"])


def test_rewards_that_are_not_the_environments_are_refused(tmp_path):
    _, episode = drive(seed=12, steps=10)
    rewards = np.array(episode["rewards"])
    rewards[6] += 1e-9
    np.savez(tmp_path / "drive.npz", seed=12, actions=np.array(episode["actions"]), rewards=rewards)
    with pytest.raises(subprocess.CalledProcessError):
        tritrack("import", tmp_path / "drive.npz", "--out", tmp_path)


def test_minari_loads_lists_and_samples(drives, archives, tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    exported = tritrack("export", drives, "--minari", tmp_path / "tritrack" / "drives-v0")
    assert exported["id"] == "tritrack/drives-v0"
    assert list(minari.list_local_datasets()) == ["tritrack/drives-v0"]
    dataset = minari.load_dataset("tritrack/drives-v0")
    assert dataset.total_episodes == 2
    assert dataset.total_steps == sum(len(np.load(archive)["actions"]) for archive in archives)
    [episode] = dataset.sample_episodes(1)
    assert episode.observations.shape == (len(episode.actions) + 1, 96, 96, 3)
    for archive, episode in zip(map(np.load, archives), dataset.iterate_episodes()):
        for key in ("observations", "actions", "rewards", "terminations", "truncations"):
            assert np.array_equal(getattr(episode, key), archive[key]), key
        assert dataset.storage.get_episode_metadata([episode.id]).__next__()["seed"] == archive["seed"]
    env = dataset.recover_environment()
    assert env.spec.id == "CarRacing-v3"
    first = next(dataset.iterate_episodes([0]))
    assert np.array_equal(env.reset(seed=7)[0], first.observations[0])


def test_minari_of_the_real_environment_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    episodes = {seed: drive(seed, steps=20) for seed in (3, 4)}
    env = episodes[3][0]
    buffers = [EpisodeBuffer(seed=seed, **episode) for seed, (_, episode) in episodes.items()]
    about = {"algorithm_name": "random", "author": "test", "description": "random drives"}
    for name, jpeg in (("car/raw-v0", False), ("car/jpeg-v0", True)):
        minari.create_dataset_from_buffers(name, buffers, env=env, jpeg_encoding=jpeg, **about)
        files = tritrack("import", tmp_path / name, "--out", tmp_path / "out" / name)["files"]
        assert len(files) == 2
        for file, (_, episode) in zip(files, episodes.values()):
            tritrack("export", file, "--npz", tmp_path / "back.npz")
            assert np.array_equal(np.load(tmp_path / "back.npz")["observations"], episode["observations"])


def test_float64_actions_and_seeds_of_64_bits_stay_what_they_are(tmp_path):
    seed = 2**64 - 1
    env = gymnasium.make("CarRacing-v3")
    env.reset(seed=seed)
    actions = [np.array([0.3 * np.sin(step), 0.4, 0.1 / 3]) for step in range(30)]
    results = [env.step(action) for action in actions]
    np.savez(tmp_path / "drive.npz", seed=np.uint64(seed), actions=np.array(actions), rewards=[result[1] for result in results])
    [file] = tritrack("import", tmp_path / "drive.npz", "--out", tmp_path)["files"]
    tritrack("export", file, "--npz", tmp_path / "back.npz")
    back = np.load(tmp_path / "back.npz")
    assert back["actions"].dtype == np.float64 and np.array_equal(back["actions"], actions)
    assert int(back["seed"]) == seed
    assert np.array_equal(back["observations"][-1], results[-1][0])


def test_minari_lists_a_dataset_below_a_root_that_nobody_set(drives, tmp_path, monkeypatch):
    monkeypatch.delenv("MINARI_DATASETS_PATH", raising=False)
    root = tmp_path / "root"
    exported = tritrack("export", drives, "--minari", root / "me" / "drives-v0")
    assert (exported["id"], exported["root"]) == ("me/drives-v0", str(root))
    monkeypatch.setenv("MINARI_DATASETS_PATH", exported["root"])
    assert list(minari.list_local_datasets()) == ["me/drives-v0"]


def test_minari_of_the_bridge_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    env = minari.DataCollector(gymnasium.make("tritrack/CarRacing-v3", frame_skip=2), jpeg_encoding=False)
    for _ in range(2):
        env.reset()  # seeds of 64 bits are drawn
        for step in range(10):
            env.step(np.array([0.1, 0.4, 0]))
    env.create_dataset("car/bridge-v0", algorithm_name="constant", author="test", description="test")
    files = tritrack("import", tmp_path / "car" / "bridge-v0", "--out", tmp_path / "out")["files"]
    assert len(files) == 2
