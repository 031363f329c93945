"""An environment that runs in a server of the bridge."""

import gymnasium
import numpy as np

from . import server, space


class RemoteEnv(gymnasium.Env):
    """One environment, with a connection of its own.

    Args:
        env_id: its id there, such as "CarRacing-v3"
        render_mode: as the environment takes it; tritrack's CarRacing has "rgb_array" and "state_pixels"
        url, token: of a server to join, "ws://HOST:PORT"
        command: what starts a server, "npx tritrack" (server.py)
        timeout: longest wait for an answer, seconds
        kwargs: the environment's own arguments
    """

    # Of CarRacing; what is made brings its own.
    metadata = {"render_modes": ["rgb_array", "state_pixels"], "render_fps": 50}

    def __init__(
        self, env_id="CarRacing-v3", render_mode=None, url=None, token=None, command=None, timeout=90, **kwargs
    ):
        self._connection = server.connect(url, token, command, timeout)
        self._env = None
        # No limit there: gymnasium.make puts its own TimeLimit around this environment.
        made = self._connection.call(
            "make", environment=env_id, kwargs={"render_mode": render_mode, **kwargs}, max_episode_steps=None
        )
        self._env = made["env"]
        self.observation_space = space.from_wire(made["observation_space"])
        self.action_space = space.from_wire(made["action_space"])
        self.metadata = made["metadata"]
        self.render_mode = made["render_mode"]

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        answer = self._call("reset", seed=None if seed is None else str(int(seed)), options=options)
        return space.element(self.observation_space, answer["observation"]), answer["info"]

    def step(self, action):
        answer = self._call("step", action=to_action(action))
        observation = space.element(self.observation_space, answer["observation"])
        return observation, float(answer["reward"]), answer["terminated"], answer["truncated"], answer["info"]

    def render(self):
        return self._call("render")["frame"]

    def close(self):
        if self._connection:
            self._connection.close()  # the server closes what was this connection's
            self._connection = None

    def _call(self, name, **fields):
        if not self._connection:
            raise gymnasium.error.ClosedEnvironmentError("this environment has been closed")
        return self._connection.call(name, env=self._env, **fields)


def to_action(action):
    """Lists of numbers become arrays; numbers, and tuples and dicts of other spaces, go as they are."""
    return np.asarray(action) if isinstance(action, list) else action
