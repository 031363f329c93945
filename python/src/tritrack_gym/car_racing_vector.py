"""Several CarRacing-v3, stepped together by threads: what `gymnasium.make_vec("tritrack/CarRacing-v3")` makes.

It behaves as Gymnasium's SyncVectorEnv of the same environments does, byte for byte. Each thread takes the next environment
that is not stepped yet, leaves the GIL while the module works, and copies the observation to its place in the array.
"""

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv
from gymnasium.vector.utils import batch_space, iterate

from .arguments import as_choice, as_controls
from .car_racing import CarRacing
from .registration import ENV_ID
from .threads import Threads, available_cores

try:
    from gymnasium.vector import AutoresetMode
except ImportError:  # Gymnasium 1.0 resets in the next step and has no name for it
    import enum

    class AutoresetMode(enum.Enum):
        """When an ended environment is reset: Gymnasium's, which 1.0 does not have yet."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"


class CarRacingVectorEnv(VectorEnv):
    """A vector of CarRacing-v3.

    Parameters
    ----------
    num_envs : int, optional
        From 1 up. Default: 1.
    max_episode_steps : int or None, optional
        Steps after which an episode is truncated. Default: None, no limit; `gymnasium.make_vec` gives 1000.
    autoreset_mode : AutoresetMode or str, optional
        When an ended environment is reset: in the next step, whose action is ignored, in the same step, or by the caller.
        Default: NEXT_STEP.
    copy : bool, optional
        Whether observations are the caller's to keep; else each call writes over the last one's. Default: True.
    threads : int or None, optional
        Threads that step. Default: None, one a processor.
    **kwargs
        Options of `CarRacing`.

    Attributes
    ----------
    envs : list of CarRacing

    Raises
    ------
    ValueError
        An option is out of its range.
    """

    def __init__(
        self, num_envs=1, max_episode_steps=None, autoreset_mode=AutoresetMode.NEXT_STEP, copy=True, threads=None, **kwargs
    ):
        super().__init__()
        # For `close`, which is called on a vector that could not be made too.
        self.envs = []
        self._threads = Threads(1)
        if not isinstance(num_envs, (int, np.integer)) or num_envs < 1:
            raise ValueError(f"num_envs: expected a whole number from 1 up, got {num_envs!r:.80}")
        if max_episode_steps is not None and not max_episode_steps >= 1:
            raise ValueError(f"max_episode_steps: expected a whole number from 1 up, got {max_episode_steps!r:.80}")
        if threads is not None and not threads >= 1:
            raise ValueError(f"threads: expected a whole number from 1 up, got {threads!r:.80}")
        self.num_envs = int(num_envs)
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.copy = copy
        self.envs = [CarRacing(**kwargs) for _ in range(self.num_envs)]
        for env in self.envs:
            env.spec = gymnasium.spec(ENV_ID)
        first = self.envs[0]
        self.metadata = {**first.metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = first.render_mode
        self.single_action_space = first.action_space
        self.single_observation_space = first.observation_space
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._max_episode_steps = max_episode_steps
        self._threads = Threads(min(self.num_envs, threads or available_cores()))
        self._observations = None
        self._rewards = np.zeros(self.num_envs)
        self._terminations = np.zeros(self.num_envs, bool)
        self._truncations = np.zeros(self.num_envs, bool)
        #: Environments that ended in the last step.
        self._ended = np.zeros(self.num_envs, bool)
        self._elapsed = [0] * self.num_envs

    # ---- Gymnasium's methods ----

    def reset(self, *, seed=None, options=None):
        """Begins episodes.

        Parameters
        ----------
        seed : int, list of (int or None) or None, optional
            One for each environment, or one from which they count up. Default: None, the generators go on.
        options : dict, optional
            As for `CarRacing.reset`. `options["reset_mask"]`, an array of bool [num_envs], chooses the environments to
            reset, as in Gymnasium's SyncVectorEnv. Default: None, all.

        Returns
        -------
        observations : ndarray of uint8 [num_envs, 96, 96, 3]
        infos : dict

        Raises
        ------
        ValueError, TypeError
            The number of seeds is another one, or the mask is none.
        """
        seeds = [seed] * self.num_envs if seed is None else seed
        if isinstance(seed, int):
            seeds = [seed + i for i in range(self.num_envs)]
        if len(seeds) != self.num_envs:
            raise ValueError(
                f"If seeds are passed as a list the length must match num_envs={self.num_envs} but got length={len(seeds)}."
            )
        chosen = range(self.num_envs)
        if options is not None and "reset_mask" in options:
            options = dict(options)
            chosen = np.flatnonzero(self._checked_mask(options.pop("reset_mask"))).tolist()
        observations = self._next_observations()
        told = [None] * self.num_envs

        def reset_one(job):
            i = chosen[job]
            observations[i], told[i] = self.envs[i].reset(seed=seeds[i], options=options)
            self._elapsed[i] = 0

        # The lines of a verbose environment are kept in order.
        if self.envs[0].verbose:
            for job in range(len(chosen)):
                reset_one(job)
        else:
            self._threads.run(reset_one, len(chosen))
        infos = {}
        for i in set(range(self.num_envs)).difference(chosen):
            self.envs[i]._core.copy_observation(observations[i])
        for i in chosen:
            infos = self._add_info(infos, told[i], i)
            self._terminations[i] = self._truncations[i] = self._ended[i] = False
        return observations, infos

    def begin_anew(self):
        """Forgets ends and steps of the episodes before, after all of `envs` were reset one by one."""
        self._ended[:] = False
        self._elapsed = [0] * self.num_envs

    def step(self, actions):
        """Does one action in every environment.

        Parameters
        ----------
        actions : ndarray [num_envs, 3], or [num_envs] with `continuous=False`, or sequence
            Whatever `gymnasium.vector.utils.iterate` takes; each as in `CarRacing.step`.

        Returns
        -------
        observations : ndarray of uint8 [num_envs, 96, 96, 3]
        rewards : ndarray of float64 [num_envs]
        terminations, truncations : ndarray of bool [num_envs]
        infos : dict
            With `autoreset_mode` SAME_STEP `final_obs` and `final_info` of the environments that ended.

        Raises
        ------
        AssertionError
            There was no reset; or, with `autoreset_mode` DISABLED, an environment has ended and was not reset.
        ValueError
            There are more or fewer actions than environments.
        Exception
            What `CarRacing.step` raises for one of the actions; no environment has been stepped then.
        """
        for env in self.envs:
            assert env._open().running, "step: expected a reset() before it"
        if self.autoreset_mode == AutoresetMode.DISABLED:
            assert not self._ended.any(), f"self._autoreset_envs={self._ended}"
        resets = self._ended if self.autoreset_mode == AutoresetMode.NEXT_STEP else np.zeros(self.num_envs, bool)
        actions = self._checked_actions(actions, resets)
        observations = self._next_observations()
        told = [None] * self.num_envs
        same_step = self.autoreset_mode == AutoresetMode.SAME_STEP

        def step_one(i):
            env = self.envs[i]
            if resets[i]:
                _, info = env.reset()
                self._elapsed[i] = 0
                reward, terminated, truncated = 0.0, False, False
            else:
                env.act(actions[i])
                self._elapsed[i] += 1
                reward, terminated, truncated, info = env.outcome(actions[i])
                truncated = truncated or self._elapsed[i] == self._max_episode_steps
                if same_step and (terminated or truncated):
                    info = {"final_obs": env._core.copy_observation(), "final_info": info}, env.reset()[1]
                    self._elapsed[i] = 0
            self._rewards[i], self._terminations[i], self._truncations[i] = reward, terminated, truncated
            env.state = env._core.copy_observation(observations[i])
            told[i] = info

        self._threads.run(step_one, self.num_envs)
        self._ended = self._terminations | self._truncations
        infos = {}
        for i, info in enumerate(told):
            for part in info if type(info) is tuple else (info,):
                infos = self._add_info(infos, part, i)
        return (
            observations,
            self._rewards.copy(),
            self._terminations.copy(),
            self._truncations.copy(),
            infos,
        )

    def render(self):
        """Returns a tuple with the picture of each environment; see `CarRacing.render`."""
        self._threads.wait()
        return tuple(env.render() for env in self.envs)

    def call(self, name, *args, **kwargs):
        """Calls a method of every environment, or reads an attribute.

        Returns
        -------
        tuple
            One result for each environment.
        """
        self._threads.wait()
        results = []
        for env in self.envs:
            attribute = env.get_wrapper_attr(name)
            results.append(attribute(*args, **kwargs) if callable(attribute) else attribute)
        return tuple(results)

    def get_attr(self, name):
        """Returns a tuple with an attribute of each environment."""
        return self.call(name)

    def set_attr(self, name, values):
        """Sets an attribute of each environment.

        Parameters
        ----------
        name : str
        values : list, tuple or object
            One for each environment, or one for all.

        Raises
        ------
        ValueError
            There are more or fewer values than environments.
        """
        self._threads.wait()
        if not isinstance(values, (list, tuple)):
            values = [values] * self.num_envs
        if len(values) != self.num_envs:
            raise ValueError(
                "Values must be a list or tuple with length equal to the number of environments. "
                f"Got `{len(values)}` values for {self.num_envs} environments."
            )
        for env, value in zip(self.envs, values):
            env.set_wrapper_attr(name, value)

    def close_extras(self, **kwargs):
        """Closes the environments."""
        self._threads.wait()
        for env in self.envs:
            env.close()

    @property
    def np_random(self):
        """The generator of each environment."""
        return self.get_attr("np_random")

    @property
    def np_random_seed(self):
        """The seed of each environment's generator."""
        return self.get_attr("np_random_seed")

    # ---- Inner matters ----

    def _next_observations(self):
        """The array that the next observations are written to."""
        if self.copy or self._observations is None:
            self._observations = np.empty((self.num_envs, *self.single_observation_space.shape), np.uint8)
        return self._observations

    def _checked_actions(self, actions, resets):
        """One action for each environment, converted; those of environments that are about to be reset are not looked at."""
        if type(actions) is np.ndarray and actions.ndim == 2 and actions.shape == (self.num_envs, 3):
            if self.single_action_space.shape == (3,) and actions.dtype.kind in "fiub" and not np.isnan(actions[:, 1]).any():
                return actions
        rows = [row for row, _ in zip(iterate(self.action_space, actions), self.envs, strict=True)]
        for i, (row, env) in enumerate(zip(rows, self.envs)):
            if row is not None and not resets[i]:
                rows[i] = np.asarray(as_controls(row)) if env.continuous else as_choice(env.action_space, row)
        return rows

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
                f"`options['reset_mask']` must contain a boolean array with at least one True value, got reset_mask={mask}"
            )
        return mask

    def __getstate__(self):
        self._threads.wait()
        return self.__dict__.copy()
