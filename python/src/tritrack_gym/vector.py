"""Several environments in a server of the bridge, stepped with one message and on all of its cores."""

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from . import server, space

MODES = {
    AutoresetMode.NEXT_STEP: "next-step",
    AutoresetMode.SAME_STEP: "same-step",
    AutoresetMode.DISABLED: "disabled",
}


class RemoteVectorEnv(VectorEnv):
    """Arguments as those of RemoteEnv, and `num_envs`, `autoreset_mode` and `max_episode_steps`.

    `gymnasium.make_vec("tritrack/CarRacing-v3", num_envs=8)` makes one. Its observations are the caller's to keep.
    """

    def __init__(
        self,
        num_envs=1,
        env_id="CarRacing-v3",
        max_episode_steps=None,
        autoreset_mode=AutoresetMode.NEXT_STEP,
        url=None,
        token=None,
        command=None,
        timeout=90,
        **kwargs,
    ):
        mode = AutoresetMode(autoreset_mode)
        self._connection = server.connect(url, token, command, timeout)
        made = self._connection.call(
            "make",
            environment=env_id,
            kwargs=kwargs,
            max_episode_steps=max_episode_steps,
            num_envs=int(num_envs),
            autoreset_mode=MODES[mode],
        )
        self._env = made["env"]
        self.num_envs = num_envs
        self.single_observation_space = space.from_wire(made["observation_space"])
        self.single_action_space = space.from_wire(made["action_space"])
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.metadata = {**made["metadata"], "autoreset_mode": mode}

    def reset(self, *, seed=None, options=None):
        """`options["reset_mask"]` chooses which environments to reset, as in Gymnasium's SyncVectorEnv."""
        options = dict(options or {})
        mask = options.pop("reset_mask", None)
        if seed is not None and not isinstance(seed, (list, tuple, np.ndarray)):
            super().reset(seed=int(seed))
            seed = [int(seed) + i for i in range(self.num_envs)]
        seeds = None if seed is None else [None if one is None else str(int(one)) for one in seed]
        answer = self._call("reset", seed=seeds, options=options, mask=mask)
        return answer["observations"], self._infos(answer["infos"])

    def step(self, actions):
        answer = self._call("step", actions=np.asarray(actions))
        ends = answer["terminations"], answer["truncations"]
        return answer["observations"], answer["rewards"], *ends, self._infos(answer["infos"])

    def close_extras(self, **kwargs):
        self._connection.close()

    def _call(self, name, **fields):
        if self.closed:
            raise gymnasium.error.ClosedEnvironmentError("this vector of environments has been closed")
        return self._connection.call(name, env=self._env, **fields)

    def _infos(self, infos):
        merged = {}
        for i, info in enumerate(infos or []):
            merged = self._add_info(merged, info, i)
        return merged
