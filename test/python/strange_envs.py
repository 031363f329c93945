"""Environments that do what no environment should, for the tests of the server."""

import os
import time

import gymnasium


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
