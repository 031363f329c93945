"""Environments that do what no environment should, for the tests of the server."""

import os
import time

import gymnasium
import numpy as np


class Endless(gymnasium.Env):
    observation_space = action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        return 0, {}

    def step(self, action):
        while True:
            time.sleep(1)


class Crashing(Endless):
    def step(self, action):
        os._exit(3)


gymnasium.register("Endless-v0", Endless)
gymnasium.register("Crashing-v0", Crashing)


class Echo(gymnasium.Env):
    """Returns its action as the observation, and an info of every kind. It refuses actions outside of its space."""

    def __init__(self, dtype="float32", shape=(), low=0, high=1):
        self.observation_space = gymnasium.spaces.Box(low, high, tuple(shape), np.dtype(dtype).type)
        self.action_space = gymnasium.spaces.Box(low, high, tuple(shape), np.dtype(dtype).type)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation_space.high.copy(), {}

    def step(self, action):
        assert action.dtype == self.action_space.dtype and action.shape == self.action_space.shape, repr(action)
        assert self.action_space.contains(action), repr(action)
        info = {
            "huge": 2**70, "negative": -(2**70), "unsigned": 2**63, "signed": -(2**63), "safe": 2**53, "small": 7,
            "flag": True, "numpy flag": np.True_, "nan": float("nan"), "half": np.array([0.5, 1], np.float16),
            "scalar": np.int64(3), "list": [2**70, {"deep": 2**64}], "object": object(), "bytes": b"x",
            "deep": [], "endless": 10**5000, "__ndarray__": 1,
        }  # fmt: skip
        for _ in range(40):
            info["deep"] = [info["deep"]]
        return action.copy(), 1.0, False, False, info


class Mixed(Echo):
    """Echo with a Tuple and a Dict of boxes of shape () and of bigints."""

    def __init__(self):
        box = gymnasium.spaces.Box
        parts = {"count": box(0, 2**64 - 1, (), np.uint64), "flags": box(0, 1, (3,), bool)}
        self.observation_space = self.action_space = gymnasium.spaces.Tuple(
            [box(-1, 1, (), np.float32), gymnasium.spaces.Dict(parts)]
        )

    def reset(self, *, seed=None, options=None):
        return (np.array(0.5, np.float32), {"count": np.array(2**64 - 1, np.uint64), "flags": np.zeros(3, bool)}), {}

    def step(self, action):
        assert self.action_space.contains(action), repr(action)
        return action, 0.0, False, False, {}


gymnasium.register("Echo-v0", Echo)
gymnasium.register("Mixed-v0", Mixed)
