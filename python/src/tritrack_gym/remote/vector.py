"""Several environments in a server of the bridge, stepped with one message and on all of its cores."""

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, iterate

from .. import space
from . import action, handle
from ..held import MODES


class RemoteVectorEnv(VectorEnv):
    """A vector of environments, which `gymnasium.make_vec("tritrack-remote/CarRacing-v3", num_envs=8)` makes.

    Its observations are the caller's to keep. What is lost and how it goes on is as with RemoteEnv.

    Args:
        num_envs: number of environments, from 1 up. Default: 1.
        env_id: id of the environments in the server. Default: "CarRacing-v3".
        max_episode_steps: steps after which an episode is truncated. Default: None, no limit.
        autoreset_mode: when an ended environment is reset (gymnasium.vector.AutoresetMode). Default: NEXT_STEP.
        url, token, command, timeout, kwargs: as for RemoteEnv

    Raises:
        as RemoteEnv
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
        making = {
            "environment": env_id, "kwargs": kwargs, "max_episode_steps": max_episode_steps,
            "num_envs": int(num_envs),
            "autoreset_mode": next(name for name, known in MODES.items() if known == mode),
        }
        self._env_id = env_id
        self._remote = handle.RemoteHandle({"url": url, "token": token, "command": command, "timeout": timeout}, making)
        made = self._remote.made
        try:
            self.num_envs = num_envs
            self.single_observation_space = space.from_wire(made["observation_space"])
            self.single_action_space = space.from_wire(made["action_space"])
            self.observation_space = batch_space(self.single_observation_space, num_envs)
            self.action_space = batch_space(self.single_action_space, num_envs)
            self.metadata = {**made["metadata"], "autoreset_mode": mode}
        except BaseException:
            self._remote.close()
            raise
        self._ended = np.zeros(num_envs, dtype=bool)

    def reset(self, *, seed=None, options=None):
        """Begins episodes.

        Args:
            seed: one for each environment, or one from which they count up. Default: None, the generators go on.
            options: what the environments document. `options["reset_mask"]`, booleans [num_envs], chooses which
                environments to reset, as in Gymnasium's SyncVectorEnv. Default: None.

        Returns:
            observations [num_envs, ...] and infos
        """
        options = dict(options or {})
        mask = self._checked_mask(options.pop("reset_mask")) if "reset_mask" in options else None
        if isinstance(seed, int):
            super().reset(seed=seed)
            seed = [seed + i for i in range(self.num_envs)]
        seeds = None if seed is None else [handle.seed_text(one) for one in seed]
        if seeds is not None and len(seeds) != self.num_envs:
            raise ValueError(
                f"If seeds are passed as a list the length must match num_envs={self.num_envs} but got "
                f"length={len(seeds)}."
            )
        if mask is None and seeds is not None and None not in seeds:
            self._remote.renew()
        answer = self._remote.call("reset", seed=seeds, options=options, mask=mask)
        self._ended[slice(None) if mask is None else mask] = False
        return answer["observations"], self._infos(answer["infos"])

    def step(self, actions):
        """Advances every environment one step.

        Args:
            actions: one for each environment, an array [num_envs, ...] or whatever `gymnasium.vector.utils.iterate` takes

        Returns:
            observations [num_envs, ...], rewards, terminations, truncations, infos
        """
        if not isinstance(actions, np.ndarray) or len(actions) != self.num_envs:
            # Strict, as Gymnasium's: another number of actions raises its ValueError.
            actions = [row for row, _ in zip(iterate(self.action_space, actions), range(self.num_envs), strict=True)]
        resets = self._ended if self.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP else ~np.ones_like(self._ended)
        wired = action.rows_to_wire(self._env_id, self.single_action_space, actions, resets)
        answer = self._remote.call("step", actions=wired)
        ends = answer["terminations"], answer["truncations"]
        self._ended = np.logical_or(*ends)
        return answer["observations"], answer["rewards"], *ends, self._infos(answer["infos"])

    def close_extras(self, **kwargs):
        """Ends the connection, and with it the server's environments."""
        self._remote.close()

    def _checked_mask(self, mask):
        """A reset mask. Raises what Gymnasium's SyncVectorEnv raises."""
        if not isinstance(mask, np.ndarray):
            raise TypeError(f"`options['reset_mask']` must be a numpy array, got {type(mask)}")
        if mask.shape != (self.num_envs,):
            raise ValueError(f"`options['reset_mask']` must have shape `({self.num_envs},)`, got {mask.shape}")
        if mask.dtype != np.bool_:
            raise TypeError(f"`options['reset_mask']` must have `dtype=np.bool_`, got {mask.dtype}")
        if not mask.any():
            raise ValueError(
                "`options['reset_mask']` must contain a boolean array with at least one True value, got "
                f"reset_mask={mask}"
            )
        return mask

    def _infos(self, infos):
        merged = {}
        for i, info in enumerate(infos or []):
            merged = self._add_info(merged, {key: _storable(value) for key, value in info.items()}, i)
        return merged


def _storable(value):
    """A value that an array of an info can hold: whole numbers beyond 64 bits become objects."""
    is_huge = isinstance(value, int) and not -(2**63) <= value < 2**63
    return np.array(value, dtype=object) if is_huge else value
