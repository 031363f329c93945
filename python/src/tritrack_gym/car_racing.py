"""CarRacing-v3 in process: Gymnasium's environment byte for byte, on the WebAssembly module.

`gymnasium.make("tritrack/CarRacing-v3")` makes it. What users of Gymnasium's own know is here under the same names: options,
attributes, exceptions, and the latitude in what an action may be. `snapshot`, `restore`, pickling and further options are ours.
"""

import math

import gymnasium
import numpy as np
from gymnasium import spaces

from . import car
from .arguments import as_choice, as_controls, number, one_of, whole
from .attributes import Attributes
from .core import Core

FPS = 50
#: Discrete(5) of Gymnasium: nothing, right, left, gas, brake.
ACTIONS = 5
#: Road, background, grass.
PLAIN_COLORS = ((102, 102, 102), (102, 204, 102), (102, 230, 102))
DIRECTIONS = ("forward", "backward", "random")
#: How the score is written, by release of Gymnasium.
REFERENCES = {"gymnasium-1.4": 0, "gymnasium-1.2": 1}


class CarRacing(Attributes, gymnasium.Env):
    """Gymnasium's CarRacing-v3: same seed and actions, same bytes.

    Parameters
    ----------
    render_mode : {None, "human", "rgb_array", "state_pixels"}, optional
        "human" opens a window and needs pygame. Default: None.
    verbose : bool, optional
        Whether a reset prints how the track came about. Default: False.
    lap_complete_percent : float, optional
        Share of the tiles, 0 to 1, that must be visited for the start line to end the lap. Default: 0.95.
    domain_randomize : bool, optional
        New colours of road and grass at every reset, unless its options say `{"randomize": False}`. Default: False.
    continuous : bool, optional
        Three numbers an action, or one of five. Default: True.
    frame_skip : int, optional
        Steps that an action is repeated for, 1 to 1000; the last is drawn, rewards add up. Default: 1.
    completion_fix : bool, optional
        Whether the start line ends a lap although its tile was visited before. Default: False, Gymnasium's rule.
    random_start : bool, optional
        Whether the car starts at a tile drawn from the generator. Default: False.
    direction : {"forward", "backward", "random"}, optional
        Which way round the car starts. Default: "forward".
    grip : float, optional
        Factor of the tyres' friction limit, above 0 to 100; 0.5 is a wet road. Default: 1.
    observations : bool, optional
        Whether `reset` and `step` draw. Without, they return one black picture and run many times faster. Default: True.
    info_extras : bool, optional
        Whether info tells `wheels_on_grass`, `speed` (world units a second), `progress` (0 to 1), `tiles_visited` and
        `lap_finished` after every reset and step. Default: False.
    reference : {"gymnasium-1.4", "gymnasium-1.2"}, optional
        Release whose way of writing the score is drawn. Default: "gymnasium-1.4", whichever release is installed.

    Attributes
    ----------
    continuous, domain_randomize, lap_complete_percent, verbose, render_mode
        As given. The middle two may be changed; a reset takes them over.
    state : ndarray of uint8 [96, 96, 3]
        The last observation.
    isopen : bool
        False once the window is closed.

    Raises
    ------
    ValueError
        An option is out of its range.
    gymnasium.error.DependencyNotInstalled
        `render_mode="human"` without pygame.
    """

    metadata = {"render_modes": ["human", "rgb_array", "state_pixels"], "render_fps": FPS}

    def __init__(
        self,
        render_mode=None,
        verbose=False,
        lap_complete_percent=0.95,
        domain_randomize=False,
        continuous=True,
        *,
        frame_skip=1,
        completion_fix=False,
        random_start=False,
        direction="forward",
        grip=1.0,
        observations=True,
        info_extras=False,
        reference="gymnasium-1.4",
    ):
        self.continuous = continuous
        self.domain_randomize = domain_randomize
        self.lap_complete_percent = lap_complete_percent
        self.verbose = verbose
        self.render_mode = render_mode
        self.isopen = True
        self._info_extras = info_extras
        self._frame_skip = whole("frame_skip", frame_skip, 1000)
        self._observations = bool(observations)
        self._window = None
        self._core = Core(
            {
                **self._present_options(),
                "frame_skip": self._frame_skip,
                "completion_fix": int(bool(completion_fix)),
                "random_start": int(bool(random_start)),
                "direction": DIRECTIONS.index(one_of("direction", direction, DIRECTIONS)),
                "grip": number("grip", grip),
                "observations": int(self._observations),
                "score_text": REFERENCES[one_of("reference", reference, REFERENCES)],
            }
        )
        self._init_colors()
        self._car = car.Car(self._core)
        self._track = None
        if continuous:
            self.action_space = spaces.Box(np.float32([-1, 0, 0]), np.float32([1, 1, 1]))
        else:
            self.action_space = spaces.Discrete(ACTIONS)
        self.observation_space = spaces.Box(low=0, high=255, shape=(96, 96, 3), dtype=np.uint8)
        self.state = None
        if render_mode == "human":
            self._open_window()

    # ---- Gymnasium's methods ----

    def reset(self, *, seed=None, options=None):
        """Begins an episode.

        Parameters
        ----------
        seed : int, optional
            From which `np_random` begins anew, of any size from 0 up. Default: None, it goes on.
        options : dict, optional
            `{"randomize": False}` keeps the colours where `domain_randomize` is on. Default: None.

        Returns
        -------
        observation : ndarray of uint8 [96, 96, 3]
            RGB, row-major; the caller's to keep.
        info : dict
            Empty, unless `info_extras` is on.

        Raises
        ------
        gymnasium.error.Error
            The seed is none.
        gymnasium.error.ClosedEnvironmentError
            The environment has been closed.
        """
        core = self._open()
        super().reset(seed=seed)
        randomize = not (isinstance(options, dict) and "randomize" in options) or bool(options["randomize"])
        core.set_options(**self._present_options())
        core.reset(self.np_random, randomize)
        self._track = None
        if self.verbose:
            _print_attempts(core.attempts().tolist())
        self.state = core.copy_observation()
        if self.render_mode == "human":
            self.render()
        return self.state, self._info() if self._info_extras else {}

    def step(self, action):
        """Does one action.

        Parameters
        ----------
        action : ndarray [3], int or None
            Steer -1 to 1, gas and brake 0 to 1, in any type of number; or with `continuous=False` 0 to 4: nothing,
            right, left, gas, brake. None steps the world without an action.

        Returns
        -------
        observation : ndarray of uint8 [96, 96, 3]
            The caller's to keep.
        reward : float
            1000 / n for each of the n tiles that a wheel comes onto for the first time, -0.1 a step; -100 for a step out
            of the field.
        terminated : bool
            Whether the lap is finished or the car out of the field.
        truncated : bool
            False; `gymnasium.make` adds a limit of 1000 steps.
        info : dict
            `lap_finished` when the episode has terminated.

        Raises
        ------
        AssertionError
            There was no reset.
        gymnasium.error.InvalidAction
            With `continuous=False`: the action is not one of the five.
        AttributeError, IndexError, TypeError, ValueError
            What Gymnasium raises for the action: an array of three numbers is expected.
        gymnasium.error.ClosedEnvironmentError
            The environment has been closed.
        """
        core = self._open()
        assert core.running, "step: expected a reset() before it"
        self.act(action)
        self.state = core.copy_observation()
        if self.render_mode == "human":
            self.render()
        return self.state, *self.outcome(action)

    def render(self):
        """Draws the present state.

        Returns
        -------
        ndarray of uint8 or None
            [400, 600, 3] with `render_mode="rgb_array"`, [96, 96, 3] with "state_pixels"; None with "human", without a
            render mode, and before the first reset.
        """
        core = self._open()
        if self.render_mode is None:
            assert self.spec is not None
            gymnasium.logger.warn(
                "You are calling render method without specifying any render mode. You can specify the render_mode at "
                f'initialization, e.g. gym.make("{self.spec.id}", render_mode="rgb_array")'
            )
            return None
        assert self.render_mode in self.metadata["render_modes"]
        if not core.running:
            return None
        if self.render_mode == "rgb_array":
            return core.render()
        if self.render_mode == "state_pixels":
            return core.state_pixels()
        if self._window is None:
            self._open_window()
        self._window.show(core.render(), self.metadata["render_fps"])
        return None

    def close(self):
        """Frees the environment's memory and closes its window. It cannot be used any more."""
        self._core = None
        self._car = None
        if self._window is not None:
            self._window.close()
            self._window = None
            self.isopen = False

    # ---- State ----

    def snapshot(self):
        """Returns the whole state of the episode and of `np_random`.

        An episode that goes on from it gives the same bytes as one that never stopped. The steps that a time limit has
        counted are not in it: they are the wrapper's.

        Returns
        -------
        bytes
            Some 75 kB. They can be kept in a file, for the same version of this package.

        Raises
        ------
        AssertionError
            There was no reset.
        """
        core = self._open()
        assert core.running, "snapshot: expected a reset() before it"
        core.set_random(self.np_random)
        return core.snapshot()

    def restore(self, snapshot):
        """Goes on from a snapshot, in this environment or in another one of the same options.

        Parameters
        ----------
        snapshot : bytes
            What `snapshot` returned.

        Returns
        -------
        observation : ndarray of uint8 [96, 96, 3]
            That of the restored state.

        Raises
        ------
        ValueError
            It is no snapshot of this version; the episode goes on as it was.
        """
        core = self._open()
        core.restore(snapshot)
        core.get_random(self.np_random)
        self._track = None
        if self._observations:
            core.observe()
        self.state = core.copy_observation()
        return self.state

    # ---- For the vector, which does these in threads ----

    def act(self, action):
        """Does an action without copying the observation; see `step`.

        Returns
        -------
        int
            Flags `core.TERMINATED` and `core.TRUNCATED`.
        """
        core = self._core
        if action is None:
            core.step_idle()
            return 0
        if self.continuous:
            core.controls[:] = as_controls(action)
            return core.step()
        return core.step_discrete(as_choice(self.action_space, action))

    def outcome(self, action=True):
        """Returns reward, terminated, truncated and info of the last action; without one there is no reward."""
        core = self._core
        told = core.lap_finished
        if action is None:
            reward = 0
        elif told == 0:
            reward = -100 if self._frame_skip == 1 else core.step_reward
        else:
            reward = core.step_reward
        terminated, truncated = core.ended
        info = {} if told < 0 else {"lap_finished": told == 1}
        return reward, terminated, truncated, self._info() if self._info_extras else info

    # ---- Inner matters ----

    def _present_options(self):
        """The options that may have been changed since the last reset."""
        percent = number("lap_complete_percent", self.lap_complete_percent)
        return {
            # Beyond its range the share says the same as at its ends: never, or at once.
            "lap_complete_percent": 1.0 if math.isnan(percent) else min(max(percent, 0.0), 1.0),
            "domain_randomize": int(bool(self.domain_randomize)),
        }

    def _init_colors(self):
        """Gymnasium's `_init_colors`: with `domain_randomize` the first colours are drawn before any reset."""
        colors = self._core.colors
        if not self.domain_randomize:
            colors[:] = PLAIN_COLORS
            return
        colors[0] = self.np_random.uniform(0, 210, size=3)
        colors[1] = self.np_random.uniform(0, 210, size=3)
        colors[2] = colors[1]
        colors[2, self.np_random.integers(3)] += 20

    def _open_window(self):
        from .window import Window

        self._window = Window()

    def _info(self):
        """What `info_extras` adds."""
        core = self._core
        velocity = core.bodies[0, 3:5].astype(np.float64)
        return {
            "wheels_on_grass": [touching == 0 for touching in core.touching.tolist()],
            "speed": math.hypot(*velocity),
            "progress": core.progress,
            "tiles_visited": core.tile_visited_count,
            "lap_finished": core.lap_finished == 1,
        }


def _print_attempts(attempts):
    for attempt, (first, last) in enumerate(attempts, 1):
        if first >= 0:
            print(f"Track generation: {first}..{last} -> {last - first}-tiles track")
        if attempt < len(attempts):
            print("retry to generate track (normal if there are not manyinstances of this message)")
