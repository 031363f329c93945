"""Stable-Baselines3: `tritrack_gym.sb3.make_vec_env(n_envs=8)` in the place of its own `make_vec_env`.

The environments step together, in threads of this process (car_racing_vector.py), instead of one after another or in processes
of their own. Stable-Baselines3 is imported here, and nowhere else in this package.
"""

import os

import gymnasium
import numpy as np
from stable_baselines3.common.vec_env import VecEnv, VecMonitor

from .car_racing_vector import AutoresetMode, CarRacingVectorEnv
from .registration import ENV_ID


def make_vec_env(env_id=ENV_ID, n_envs=1, seed=None, start_index=0, monitor_dir=None, env_kwargs=None, threads=None):
    """Makes environments for Stable-Baselines3.

    Parameters
    ----------
    env_id : str, optional
        An id that is registered for `CarRacing` of this package. Default: "tritrack/CarRacing-v3".
    n_envs : int, optional
        Default: 1.
    seed : int or None, optional
        Of the first reset; the environments count up from it. Default: None.
    start_index : int, optional
        What the seed is counted up from, as in Stable-Baselines3. Default: 0.
    monitor_dir : str or None, optional
        Folder for a monitor file. Default: None.
    env_kwargs : dict or None, optional
        Options of `CarRacing`, and `max_episode_steps`. Default: None.
    threads : int or None, optional
        Threads that step. Default: None, one a processor.

    Returns
    -------
    stable_baselines3.common.vec_env.VecMonitor
        Around a `CarRacingVecEnv`.

    Raises
    ------
    ValueError
        The id is of another environment.
    """
    spec = gymnasium.spec(env_id)
    if spec.entry_point != gymnasium.spec(ENV_ID).entry_point:
        raise ValueError(f"env_id: expected {ENV_ID}, got {env_id!r:.80}; Stable-Baselines3's own make_vec_env makes others")
    kwargs = {"max_episode_steps": spec.max_episode_steps, **spec.kwargs, **(env_kwargs or {})}
    envs = CarRacingVecEnv(CarRacingVectorEnv(n_envs, autoreset_mode=AutoresetMode.SAME_STEP, threads=threads, **kwargs))
    if seed is not None:
        envs.seed(seed + start_index)
    path = None
    if monitor_dir is not None:
        os.makedirs(monitor_dir, exist_ok=True)
        path = os.path.join(monitor_dir, str(start_index))
    return VecMonitor(envs, path)


class CarRacingVecEnv(VecEnv):
    """A `CarRacingVectorEnv` as Stable-Baselines3 uses vectors.

    Parameters
    ----------
    envs : CarRacingVectorEnv
        With `autoreset_mode` SAME_STEP.

    Attributes
    ----------
    spec : gymnasium.envs.registration.EnvSpec
        Of one environment; monitors write its id down.
    """

    def __init__(self, envs):
        self._envs = envs
        self._actions = None
        self.spec = envs.envs[0].spec
        super().__init__(envs.num_envs, envs.single_observation_space, envs.single_action_space)

    def reset(self):
        """Begins episodes, with the seeds and options that were set; returns observations."""
        self._envs._threads.wait()
        observations = np.empty((self.num_envs, *self.observation_space.shape), np.uint8)

        def reset_one(i):
            options = {"options": self._options[i]} if self._options[i] else {}
            observations[i], self.reset_infos[i] = self._envs.envs[i].reset(seed=self._seeds[i], **options)

        self._envs._threads.run(reset_one, self.num_envs)
        self._envs.begin_anew()
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions):
        """Keeps the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self):
        """Does the actions.

        Returns
        -------
        observations : ndarray of uint8 [n, 96, 96, 3]
            Of environments that ended, the first of the next episode.
        rewards : ndarray of float32 [n]
        dones : ndarray of bool [n]
        infos : list of dict
            With `terminal_observation` and `TimeLimit.truncated` as Stable-Baselines3 has them.
        """
        observations, rewards, terminations, truncations, infos = self._envs.step(self._actions)
        dones = terminations | truncations
        listed = []
        for i in range(self.num_envs):
            info = _of(infos, i)
            self.reset_infos[i] = info if dones[i] else self.reset_infos[i]
            if dones[i]:
                info = {**_of(infos.get("final_info", {}), i), "terminal_observation": infos["final_obs"][i]}
            info["TimeLimit.truncated"] = bool(truncations[i] and not terminations[i])
            listed.append(info)
        return observations, rewards.astype(np.float32), dones, listed

    def close(self):
        """Closes the environments."""
        self._envs.close()

    def get_images(self):
        """Returns a picture of each environment, with `render_mode="rgb_array"`."""
        return list(self._envs.render())

    def get_attr(self, attr_name, indices=None):
        """Returns a list with an attribute of each environment."""
        return [self._envs.envs[i].get_wrapper_attr(attr_name) for i in self._get_indices(indices)]

    def set_attr(self, attr_name, value, indices=None):
        """Sets an attribute of each environment."""
        for i in self._get_indices(indices):
            self._envs.envs[i].set_wrapper_attr(attr_name, value)

    def env_method(self, method_name, *method_args, indices=None, **method_kwargs):
        """Calls a method of each environment; returns a list of results."""
        return [
            self._envs.envs[i].get_wrapper_attr(method_name)(*method_args, **method_kwargs)
            for i in self._get_indices(indices)
        ]

    def env_is_wrapped(self, wrapper_class, indices=None):
        """Returns a list of False: there are no wrappers around single environments."""
        return [False for _ in self._get_indices(indices)]


def _of(infos, i):
    """The info of one environment."""
    return {key: value[i] for key, value in infos.items() if key[0] != "_" and key[:6] != "final_" and infos[f"_{key}"][i]}
