"""Stable-Baselines3 trains on the environment as on any other."""

import gymnasium
import numpy as np
import torch
import tritrack_gym  # noqa: F401 registers the environment
from stable_baselines3 import PPO


def test_ppo_learns():
    torch.set_num_threads(1)
    env = gymnasium.make("tritrack/CarRacing-v3")
    model = PPO("CnnPolicy", env, n_steps=64, batch_size=32, n_epochs=1, seed=1)
    before = [parameter.detach().clone() for parameter in model.policy.parameters()]
    model.learn(128)
    assert model.num_timesteps == 128
    assert any(not torch.equal(a, b) for a, b in zip(before, model.policy.parameters()))
    action, _ = model.predict(env.reset(seed=1)[0])
    assert np.isfinite(action).all() and action.shape == (3,)
    env.close()
