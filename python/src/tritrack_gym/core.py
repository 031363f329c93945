"""The host of one instance of `carracing.wasm`: an episode's state by the names that Gymnasium has for it.

docs/core.md is the page that this file is written against. `Core` knows nothing of spaces, wrappers or windows; car_racing.py
and car_racing_vector.py are the environments on top of it.
"""

import threading
import zlib

import numpy as np

from .module import Instance, ModuleFailed

#: Version of docs/core.md that this file is written for.
ABI = 1

OBSERVATION_SHAPE = (96, 96, 3)
VIDEO_SHAPE = (400, 600, 3)
WHEELS = 4

#: Options in memory: offset, type.
_OPTIONS = {
    "lap_complete_percent": (0, np.float64),
    "grip": (8, np.float64),
    "domain_randomize": (16, np.int32),
    "frame_skip": (20, np.int32),
    "completion_fix": (24, np.int32),
    "random_start": (28, np.int32),
    "direction": (32, np.int32),
    "observations": (36, np.int32),
    "max_episode_steps": (40, np.int32),
    "score_text": (44, np.int32),
}
#: Their names in the order of docs/core.md, in which `create` numbers them.
_OPTION_NAMES = list(_OPTIONS)

#: What a snapshot begins with; then a checksum of four bytes, then the module's state.
_SNAPSHOT_MAGIC = b"tritrack"
_SNAPSHOT_HEAD = len(_SNAPSHOT_MAGIC) + 4

TERMINATED = 1
TRUNCATED = 2


class Core:
    """One environment of the module.

    Parameters
    ----------
    options : dict of str to number
        The options of docs/core.md in snake_case. Those that are left out hold their defaults.

    Raises
    ------
    ValueError
        An option is out of its range.
    """

    def __init__(self, options):
        self._options = dict(options)
        self._instantiate()
        self.set_options(**options)
        wrong = self._instance.function("create")()
        if wrong:
            name = _OPTION_NAMES[wrong - 1]
            raise ValueError(f"{name}: expected a number in its range, got {options.get(name)!r:.80}")
        self.running = False

    def _instantiate(self):
        self._instance = instance = Instance("carracing")
        at = instance.addresses
        if at.get("ABI") != ABI:
            raise ModuleFailed(f"carracing.wasm: expected ABI {ABI}, got {at.get('ABI')}; reinstall tritrack-gym")
        self._at = at
        #: One thread at a time: calls release the GIL.
        self.lock = threading.Lock()
        self._step = instance.function("step")
        self._step_discrete = instance.function("stepDiscrete")
        #: Steer, gas and brake of the next step.
        self.controls = self._step.parameters
        self._observation = instance.view(at["OBSERVATION"], np.uint8, *OBSERVATION_SHAPE)
        self._video = instance.view(at["VIDEO"], np.uint8, *VIDEO_SHAPE)
        episode = at["EPISODE"]
        self._rewards = instance.view(episode, np.float64, 3)  # last step's, total, time
        self._counts = instance.view(episode + 24, np.int32, 15)
        self._previous_reward = instance.view(episode + 88, np.float64, 1)
        self._new_lap = instance.view(episode + 104, np.int32, 1)
        self.colors = instance.view(at["COLORS"], np.float64, 3, 3)
        self.wheels = instance.view(at["WHEELS"], np.float64, WHEELS, 5)
        self.bodies = instance.view(at["BODIES"], np.float32, 1 + WHEELS, 8)
        self.joint_angles = instance.view(at["JOINT_ANGLE"], np.float32, WHEELS)
        self.motor_speeds = instance.view(at["MOTOR_SPEED"], np.float32, WHEELS)
        self.touching = instance.view(at["TOUCHING"], np.int32, WHEELS)

    def set_options(self, **options):
        """Changes options; all but `observations` and `grip` count from the next reset on."""
        for name, value in options.items():
            offset, dtype = _OPTIONS[name]
            self._instance.view(self._at["OPTIONS"] + offset, dtype, 1)[0] = value
        self._options.update(options)

    # ---- Episodes ----

    def reset(self, random, randomize):
        """Begins an episode.

        Parameters
        ----------
        random : numpy.random.Generator
            Where the track and the colours are drawn from, as Gymnasium draws them; it goes on from there.
        randomize : bool
            Whether new colours are drawn, where the option `domain_randomize` is on.
        """
        with self.lock:
            self.set_random(random)
            self._instance.function("reset")(1 if randomize else 0)
            self.running = True
            self.get_random(random)

    def step(self):
        """Does one action, that of `controls`.

        Returns
        -------
        int
            Flags `TERMINATED` and `TRUNCATED`.
        """
        with self.lock:
            return self._step.run()

    def step_discrete(self, action):
        """Does one of the five actions; see `step`."""
        with self.lock:
            return self._step_discrete(action)

    def step_idle(self):
        """Steps the world without an action: `CarRacing.step(None)`.

        The controls stay as the wheels have them. Tiles count, but there is no reward and no end.
        """
        with self.lock:
            self._instance.function("stepNone")()

    def observe(self):
        """Draws the observation of the last step anew."""
        with self.lock:
            self._instance.function("observe")(0)

    def state_pixels(self):
        """Draws the 96×96 picture with the present score. The observation stays as it was.

        Returns
        -------
        ndarray of uint8 [96, 96, 3]
        """
        with self.lock:
            before = self._observation.copy()
            self._instance.function("observe")(1)
            picture = self._observation.copy()
            self._observation[:] = before
            return picture

    def copy_observation(self, out=None):
        """Copies the observation.

        Parameters
        ----------
        out : ndarray of uint8 [96, 96, 3], optional
            Where to. Default: a new array.

        Returns
        -------
        ndarray
        """
        if out is None:
            return self._observation.copy()
        out[:] = self._observation
        return out

    def render(self):
        """Draws the 600×400 picture.

        Returns
        -------
        ndarray of uint8 [400, 600, 3]
        """
        with self.lock:
            self._instance.function("render")()
            return self._video.copy()

    # ---- Numbers of the episode ----

    @property
    def step_reward(self):
        """Reward of the last step."""
        return self._rewards[0].item()

    @property
    def total_reward(self):
        """Gymnasium's `self.reward`."""
        return self._rewards[1].item()

    @property
    def previous_reward(self):
        """Gymnasium's `self.prev_reward`."""
        return self._previous_reward[0].item()

    @property
    def time(self):
        """Seconds since the reset."""
        return self._rewards[2].item()

    @property
    def ended(self):
        """Whether the last step terminated and truncated the episode, two bool."""
        terminated, truncated = self._counts[:2].tolist()
        return terminated == 1, truncated == 1

    @property
    def lap_finished(self):
        """-1: nothing to tell, 0: the car is lost, 1: the lap is finished."""
        return self._counts[2].item()

    @property
    def tile_visited_count(self):
        """Tiles that a wheel has touched."""
        return self._counts[3].item()

    @property
    def new_lap(self):
        """Whether the car has come over the start line with enough tiles behind it."""
        return bool(self._new_lap[0])

    @property
    def progress(self):
        """How far round the car is from its start, 0 to 1."""
        with self.lock:
            return self._instance.function("progress")()

    def track(self):
        """Points of the track, float64 [n, 4]: alpha, beta, x, y."""
        return self._instance.view(self._counts[10].item(), np.float64, self._counts[4].item(), 4).copy()

    def quads(self):
        """Corners of tiles and kerbs in drawing order, float64 [m, 4, 2]."""
        return self._instance.view(self._counts[11].item(), np.float64, self._counts[5].item(), 4, 2).copy()

    def quad_colors(self):
        """Colours of the quads as they are drawn now, uint8 [m, 3]."""
        return self._instance.view(self._counts[12].item(), np.uint8, self._counts[5].item(), 3).copy()

    def tile_quads(self):
        """The quad of each tile, int32 [n]."""
        return self._instance.view(self._counts[13].item(), np.int32, self._counts[4].item()).copy()

    def visited(self):
        """Whether a wheel has touched each tile, bool [n]."""
        return self._instance.view(self._counts[14].item(), np.uint8, self._counts[4].item()).astype(bool)

    def attempts(self):
        """First and last point of each attempt at the last track, int32 [k, 2]; -1 where the path did not close."""
        at = self._at["ATTEMPTS"]
        count = self._instance.view(at, np.int32, 1)[0].item()
        return self._instance.view(at + 4, np.int32, count, 2).copy()

    def skids(self):
        """Skid marks, oldest first: pairs of whether on grass, and points float32 [k, 2]."""
        at = self._at["SKIDS"]
        first, count = self._instance.view(at, np.int32, 2).tolist()
        marks = []
        for i in range(count):
            mark = at + 8 + 248 * ((first + i) % 30)
            points, grass = self._instance.view(mark, np.int32, 2).tolist()
            marks.append((bool(grass), self._instance.view(mark + 8, np.float32, points, 2).copy()))
        return marks

    # ---- The generator ----

    def set_random(self, random):
        """Takes over the state of a generator of numpy.

        Raises
        ------
        TypeError
            The generator is not a PCG64, as those of `numpy.random.default_rng` and Gymnasium are.
        """
        state = random.bit_generator.state
        if state["bit_generator"] != "PCG64":
            raise TypeError(f"np_random: expected a generator with PCG64, got {state['bit_generator']}")
        words = b"".join(state["state"][name].to_bytes(16, "little") for name in ("state", "inc"))
        words += state["has_uint32"].to_bytes(4, "little") + state["uinteger"].to_bytes(4, "little")
        self._instance.view(self._at["RANDOM"], np.uint8, 40)[:] = np.frombuffer(words, np.uint8)

    def get_random(self, random):
        """Gives a generator of numpy the state that the module's has."""
        words = self._instance.view(self._at["RANDOM"], np.uint8, 40).tobytes()
        state, inc, has_uint32, uinteger = (
            int.from_bytes(words[a:b], "little") for a, b in ((0, 16), (16, 32), (32, 36), (36, 40))
        )
        if not has_uint32:
            # Half of an output that has been used up says nothing any more, but numpy lets it stand.
            uinteger = random.bit_generator.state["uinteger"]
        random.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": state, "inc": inc},
            "has_uint32": has_uint32,
            "uinteger": uinteger,
        }

    # ---- Snapshots ----

    def snapshot(self):
        """The whole state of the episode.

        Returns
        -------
        bytes
            Some 75 kB.
        """
        with self.lock:
            size = self._instance.function("stateSize")()
            state = self._instance.view(self._at["STATE"], np.uint8, size).tobytes()
        return _SNAPSHOT_MAGIC + zlib.crc32(state).to_bytes(4, "little") + state

    def restore(self, snapshot):
        """Goes on from a snapshot of any environment.

        Raises
        ------
        ValueError
            It is no snapshot, or that of another version; the episode goes on as it was.
        """
        data = bytes(snapshot) if isinstance(snapshot, (bytes, bytearray, memoryview)) else b""
        state = data[_SNAPSHOT_HEAD:]
        is_whole = data[:_SNAPSHOT_HEAD] == _SNAPSHOT_MAGIC + zlib.crc32(state).to_bytes(4, "little")
        with self.lock:
            room = self._at["SNAPSHOT"]
            if is_whole and room + len(state) <= len(self._instance.memory):
                self._instance.view(room, np.uint8, len(state))[:] = np.frombuffer(state, np.uint8)
                is_whole = self._instance.function("restore")(len(state)) == 0
            if not is_whole:
                got = f"{len(data)} other bytes" if data else f"{snapshot!r:.80}"
                raise ValueError(f"snapshot: expected what snapshot() of this version of tritrack-gym returned, got {got}")
            self.running = True

    def __getstate__(self):
        # Colours stand in the state too, but before the first reset there is no state.
        return {
            "options": self._options,
            "colors": self.colors.copy(),
            "snapshot": self.snapshot() if self.running else None,
            "observation": self.copy_observation() if self.running else None,
        }

    def __setstate__(self, kept):
        self.__init__(kept["options"])
        self.colors[:] = kept["colors"]
        if kept["snapshot"] is not None:
            self.restore(kept["snapshot"])
            self._observation[:] = kept["observation"]
