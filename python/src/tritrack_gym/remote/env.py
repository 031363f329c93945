"""An environment that runs in a server of the bridge."""

import gymnasium

from . import action as actions
from .. import space
from . import handle


class RemoteEnv(gymnasium.Env):
    """One environment, with a connection of its own.

    Where a call was interrupted (Ctrl-C), the process forked or the server ended, the episode is lost: the next
    `reset` with a seed makes the environment anew, every other call raises `ConnectionLost`.

    Args:
        env_id: id of the environment in the server. Default: "CarRacing-v3".
        render_mode: None or one that the environment takes; CarRacing has "rgb_array" and "state_pixels". Default: None.
        url: address of a running server, "ws://HOST:PORT". Default: None, a private server is started (server.py).
        token: token of that server. Default: None, the environment variable TRITRACK_TOKEN.
        command: command that starts a private server. Default: None, see server.py.
        timeout: longest wait for an answer, seconds. Default: 90.
        kwargs: the environment's own arguments, in snake_case

    Raises:
        ServerNotStarted: no server could be started; the message says what to install
        ConnectionLost: the server cannot be reached
        gymnasium.error.Error: what the environment refuses
    """

    #: CarRacing's; each environment gets that of its server.
    metadata = {"render_modes": ["rgb_array", "state_pixels"], "render_fps": 50}

    def __init__(
        self, env_id="CarRacing-v3", render_mode=None, url=None, token=None, command=None, timeout=90, **kwargs
    ):
        self._env_id = env_id
        # No limit there: gymnasium.make puts its own TimeLimit around this environment.
        self._remote = handle.RemoteHandle(
            {"url": url, "token": token, "command": command, "timeout": timeout},
            {"environment": env_id, "kwargs": {"render_mode": render_mode, **kwargs}, "max_episode_steps": None},
        )
        made = self._remote.made
        try:
            self.observation_space = space.from_wire(made["observation_space"])
            self.action_space = space.from_wire(made["action_space"])
            self.metadata = made["metadata"]
            self.render_mode = made["render_mode"]
        except BaseException:
            self._remote.close()
            raise

    def reset(self, *, seed=None, options=None):
        """Begins an episode.

        Args:
            seed: whole number from 0 up, of any size, from which the random generator begins anew. Default: None, it
                goes on.
            options: what the environment documents, such as {"randomize": False}. Default: None.

        Returns:
            the observation, and the info
        """
        super().reset(seed=seed)
        if seed is not None:
            self._remote.renew()
        answer = self._remote.call("reset", seed=handle.seed_text(seed), options=options)
        return space.element(self.observation_space, answer["observation"]), answer["info"]

    def step(self, action):
        """Advances one step.

        Returns:
            observation, reward, terminated, truncated, info
        """
        answer = self._remote.call("step", action=actions.to_wire(self._env_id, self.action_space, action))
        observation = space.element(self.observation_space, answer["observation"])
        return observation, float(answer["reward"]), answer["terminated"], answer["truncated"], answer["info"]

    def render(self):
        """The picture of the present state, uint8 [height, width, 3], or None without a render mode."""
        return self._remote.call("render")["frame"]

    def close(self):
        """Ends the connection, and with it the server's environment. Closing twice does nothing."""
        self._remote.close()
