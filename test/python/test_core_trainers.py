"""Libraries that train: Stable-Baselines3, TorchRL, and CleanRL's loop."""

import json
import pathlib

import gymnasium
import numpy as np
import pytest

torch = pytest.importorskip("torch")
stable_baselines3 = pytest.importorskip("stable_baselines3")

from stable_baselines3 import PPO  # noqa: E402
from stable_baselines3.common.env_checker import check_env  # noqa: E402
from stable_baselines3.common.env_util import make_vec_env as their_make_vec_env  # noqa: E402
from stable_baselines3.common.vec_env import SubprocVecEnv, VecFrameStack, VecTransposeImage  # noqa: E402
from test_core_env import ID  # noqa: E402
from tritrack_gym.car_racing_vector import AutoresetMode  # noqa: E402
from tritrack_gym.sb3 import make_vec_env  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def test_steps_are_those_of_its_own_vector():
    limit = {"max_episode_steps": 15}
    ours, theirs = make_vec_env(n_envs=3, seed=5, env_kwargs=limit), their_make_vec_env(ID, 3, seed=5, env_kwargs=limit)
    assert np.array_equal(ours.reset(), theirs.reset())
    rng = np.random.default_rng(0)
    for step in range(40):
        actions = rng.uniform([-1, 0, 0], 1, (3, 3)).astype(np.float32)
        results = ours.step(actions), theirs.step(actions)
        for a, b in zip(results[0][:3], results[1][:3]):
            assert a.dtype == b.dtype and np.array_equal(a, b), step
        for a, b in zip(results[0][3], results[1][3]):
            assert a.keys() == b.keys() and a["TimeLimit.truncated"] == b["TimeLimit.truncated"]
            if "terminal_observation" in a:
                assert np.array_equal(a["terminal_observation"], b["terminal_observation"])
                assert (
                    a["episode"]["r"] == pytest.approx(b["episode"]["r"], abs=1e-5)
                    and a["episode"]["l"] == b["episode"]["l"]
                )
        assert ours.unwrapped.reset_infos == theirs.unwrapped.reset_infos
    assert ours.get_attr("tile_visited_count") == theirs.get_attr("tile_visited_count")
    assert ours.env_method("snapshot", indices=[1])[0][:8] == b"tritrack"
    ours.set_attr("verbose", True, indices=0)
    assert ours.get_attr("verbose") == [True, False, False]
    assert ours.env_is_wrapped(gymnasium.Wrapper) == [False] * 3
    ours.close()


def test_ppo_learns_and_keeps_its_monitor(tmp_path):
    envs = VecFrameStack(
        VecTransposeImage(make_vec_env(ID, 4, seed=1, monitor_dir=str(tmp_path), env_kwargs={"max_episode_steps": 20})), 2
    )
    model = PPO("CnnPolicy", envs, n_steps=32, batch_size=64, n_epochs=1, seed=1)
    before = [parameter.detach().clone() for parameter in model.policy.parameters()]
    model.learn(256)
    assert model.num_timesteps == 256
    assert any(not torch.equal(a, b) for a, b in zip(before, model.policy.parameters()))
    assert len(model.ep_info_buffer) == 12 and all(info["l"] == 20 for info in model.ep_info_buffer)
    [file] = pathlib.Path(tmp_path).iterdir()
    lines = file.read_text().splitlines()
    assert json.loads(lines[0][1:])["env_id"] == ID and len(lines) == 14


def test_pictures_are_shown():
    envs = make_vec_env(n_envs=4, env_kwargs={"render_mode": "rgb_array"})
    envs.reset()
    assert envs.render("rgb_array").shape == (800, 1200, 3)


def test_other_ids_are_refused():
    with pytest.raises(ValueError) as told:
        make_vec_env("CartPole-v1")
    assert str(told.value) == (
        "env_id: expected tritrack/CarRacing-v3, got 'CartPole-v1'; Stable-Baselines3's own make_vec_env makes others"
    )


def test_its_own_checks_and_processes_take_the_environment():
    check_env(gymnasium.make(ID, render_mode="rgb_array").unwrapped, warn=False)
    envs = their_make_vec_env(ID, 2, seed=1, vec_env_cls=SubprocVecEnv, vec_env_kwargs={"start_method": "spawn"})
    assert np.array_equal(envs.reset(), their_make_vec_env(ID, 2, seed=1).reset())
    envs.close()


def test_torchrl_takes_the_environment():
    pytest.importorskip("torchrl")
    from torchrl.envs import GymEnv, GymWrapper
    from torchrl.envs.utils import check_env_specs

    for env in (GymEnv(ID), GymWrapper(gymnasium.make(ID))):
        check_env_specs(env)
        env.set_seed(3)
        rollout = env.rollout(30)
        assert (
            rollout["next", "reward"].shape == (30, 1)
            and rollout["pixels" if "pixels" in rollout.keys() else "observation"].any()
        )
    for mode in (AutoresetMode.SAME_STEP, AutoresetMode.DISABLED):  # those that TorchRL takes
        vector = GymWrapper(gymnasium.make_vec(ID, num_envs=3, max_episode_steps=8, autoreset_mode=mode))
        rollout = vector.rollout(20, break_when_any_done=False)
        assert rollout["next", "reward"].shape == (3, 20, 1) and rollout["next", "done"].sum() == 6


def test_cleanrl_loop():
    """The loop of CleanRL's ppo_continuous_action.py: its wrappers, its vector, and what it reads of infos."""

    def make_env(record):
        def thunk():
            env = gymnasium.make(ID, max_episode_steps=12, **({"render_mode": "rgb_array"} if record else {}))
            env = gymnasium.wrappers.FlattenObservation(env)
            env = gymnasium.wrappers.RecordEpisodeStatistics(env)
            env = gymnasium.wrappers.ClipAction(env)
            env = gymnasium.wrappers.NormalizeObservation(env)
            env = gymnasium.wrappers.NormalizeReward(env, gamma=0.99)
            return gymnasium.wrappers.TransformReward(env, lambda reward: np.clip(reward, -10, 10))

        return thunk

    envs = gymnasium.vector.SyncVectorEnv([make_env(i == 0) for i in range(2)])
    observation, _ = envs.reset(seed=1)
    returns = []
    for _ in range(40):
        actions = np.random.default_rng(0).normal(size=envs.action_space.shape).astype(np.float32)
        observation, reward, terminations, truncations, infos = envs.step(actions)
        assert observation.shape == (2, 96 * 96 * 3) and np.isfinite(reward).all()
        if "episode" in infos:
            returns += infos["episode"]["r"][infos["_episode"]].tolist()
    assert len(returns) == 6
    with_statistics = gymnasium.wrappers.vector.RecordEpisodeStatistics(
        gymnasium.make_vec(ID, num_envs=4, max_episode_steps=12)
    )
    with_statistics.reset(seed=1)
    for _ in range(12):
        *_, infos = with_statistics.step(with_statistics.action_space.sample())
    assert infos["episode"]["l"].tolist() == [12] * 4
