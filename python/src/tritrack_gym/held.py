"""Environments of Gymnasium behind the protocol's calls: single ones, and vectors of them."""

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import concatenate, create_empty_array

from . import message, space

#: The protocol's names of Gymnasium's autoreset modes.
MODES = {
    "next-step": AutoresetMode.NEXT_STEP,
    "same-step": AutoresetMode.SAME_STEP,
    "disabled": AutoresetMode.DISABLED,
}


class HeldEnv:
    """A single environment.

    Args:
        env_id: id for `gymnasium.make`
        kwargs: its arguments, `max_episode_steps` among them

    Attributes:
        count: how many environments it counts for
        made: the answer to `make`, without the environment's number
    """

    count = 1

    def __init__(self, env_id, kwargs):
        self._env = env = gymnasium.make(env_id, **kwargs)
        self.made = {
            **spaces_to_wire(env.observation_space, env.action_space),
            "metadata": {key: env.metadata.get(key) for key in ("render_modes", "render_fps")},
            "render_mode": env.render_mode,
            "spec": {
                "id": env.spec.id, "kwargs": kwargs, "max_episode_steps": env.spec.max_episode_steps,
                "reward_threshold": env.spec.reward_threshold,
            },
            "num_envs": None,
        }  # fmt: skip

    def reset(self, request):
        observation, info = self._env.reset(seed=seed_of(request.get("seed")), options=request.get("options"))
        return {"observation": observation, "info": plain(info)}

    def step(self, request):
        action = space.element(self._env.action_space, request.get("action"))
        observation, reward, terminated, truncated, info = self._env.step(action)
        return {
            "observation": observation, "reward": float(reward), "terminated": bool(terminated),
            "truncated": bool(truncated), "info": plain(info),
        }  # fmt: skip

    def render(self, request):
        frame = self._env.render()
        return {"frame": frame if isinstance(frame, np.ndarray) else None}

    def close(self):
        self._env.close()


class HeldVector:
    """Several environments, stepped one after another by Gymnasium's SyncVectorEnv.

    Args:
        env_id: id for `gymnasium.make`
        kwargs: arguments of each environment, `max_episode_steps` among them
        count: number of environments, from 1 up
        mode: "next-step", "same-step" or "disabled"

    Attributes:
        count: how many environments it counts for
        made: the answer to `make`, without the environment's number
    """

    def __init__(self, env_id, kwargs, count, mode):
        if mode not in MODES:
            raise ValueError(f"make: expected autoreset_mode {', '.join(MODES)}, got {message.shortened(repr(mode))}")
        self.count = count
        makers = [lambda: gymnasium.make(env_id, **kwargs)] * count
        self._envs = envs = ListingVectorEnv(makers, copy=False, autoreset_mode=MODES[mode])
        if not isinstance(envs.single_observation_space, spaces.Box):
            envs.close()
            raise ValueError(f"make: expected Box observations for a vector, got {envs.single_observation_space}")
        self.made = {
            **spaces_to_wire(envs.single_observation_space, envs.single_action_space),
            "metadata": {"render_modes": [], "render_fps": 0},
            "render_mode": None,
            "spec": None,
            "num_envs": count,
        }

    def reset(self, request):
        seed, options, mask = request.get("seed"), request.get("options"), request.get("mask")
        seed = [seed_of(one) for one in seed] if isinstance(seed, list) else seed_of(seed)
        if mask is not None:
            options = {**(options or {}), "reset_mask": np.asarray(mask, dtype=bool)}
        observations, infos = self._envs.reset(seed=seed, options=options)
        return {"observations": observations, "infos": self._infos(infos)}

    def step(self, request):
        single = self._envs.single_action_space
        actions = [space.element(single, action) for action in request.get("actions")]
        if isinstance(single, (spaces.Tuple, spaces.Dict)):
            actions = concatenate(single, actions, create_empty_array(single, len(actions)))
        observations, rewards, terminations, truncations, infos = self._envs.step(actions)
        return {
            "observations": observations, "rewards": rewards, "terminations": terminations,
            "truncations": truncations, "infos": self._infos(infos),
        }  # fmt: skip

    def render(self, request):
        raise ValueError("render: a vector of environments makes no pictures beside its observations")

    def close(self):
        self._envs.close()

    def _infos(self, infos):
        """One info for each environment, or None if all are empty."""
        return [plain(infos.get(i, {})) for i in range(self.count)] if any(infos.values()) else None


class ListingVectorEnv(SyncVectorEnv):
    """SyncVectorEnv whose infos are a dict from the environment's index to its info.

    Gymnasium's arrays of all values do not hold every value (2**70), and the protocol wants them one by one anyway.
    """

    def _add_info(self, vector_infos, env_info, env_num):
        return {**vector_infos, env_num: {**vector_infos.get(env_num, {}), **env_info}}


def spaces_to_wire(observation_space, action_space) -> dict:
    """The answer to the call `spaces`."""
    return {"observation_space": space.to_wire(observation_space), "action_space": space.to_wire(action_space)}


def seed_of(seed):
    """A seed in a message: a number, or its digits, hexadecimal after 0x."""
    if isinstance(seed, str):
        return int(seed, 16 if seed.startswith("0x") else 10)
    return int(seed) if isinstance(seed, np.integer) else seed


def plain(info) -> dict:
    """An info without the objects that messages do not carry."""
    kept = {}
    for key, value in info.items():
        try:
            message.encode({key: value})
        except TypeError:
            continue
        kept[key] = value
    return kept
