"""What Gymnasium's CarRacing has as attributes, read from the module's memory: `env.unwrapped.track`, `reward`, `car`, ….

Before the first reset they are missing, 0 or None, as they are there. But for the colours they cannot be written to.
"""

import math

from gymnasium.error import ClosedEnvironmentError

from . import car


class Attributes:
    """The attributes of `CarRacing`, which holds the core that they are read from."""

    _core = None
    _car = None
    _track = None
    _window = None

    @property
    def track(self):
        """Points of the track: a list of (alpha, beta, x, y), radians and world units."""
        core = self._begun("track")
        if self._track is None:
            self._track = [tuple(point) for point in core.track().tolist()]
        return self._track

    @property
    def road(self):
        """The tiles, a list of `tritrack_gym.car.Tile` as they are now; None before the first reset."""
        core = self._open()
        return car.road(core)[0] if core.running else None

    @property
    def road_poly(self):
        """Tiles and kerbs as they are drawn now: a list of (four corners, colour)."""
        return car.road(self._begun("road_poly"))[1]

    @property
    def car(self):
        """The car, a `tritrack_gym.car.Car`; None before the first reset."""
        return self._car if self._open().running else None

    @property
    def tile_visited_count(self):
        """Tiles that a wheel has touched."""
        return self._begun("tile_visited_count").tile_visited_count

    @property
    def t(self):
        """Seconds since the reset."""
        return self._begun("t").time

    @property
    def reward(self):
        """Sum of the rewards so far, but for the -100 of a lost car."""
        return self._open().total_reward

    @property
    def prev_reward(self):
        """`reward` after the last action."""
        return self._open().previous_reward

    @property
    def new_lap(self):
        """Whether the car has come over the start line with enough tiles behind it."""
        return self._open().new_lap

    @property
    def start_alpha(self):
        """Angle of the start line around the middle of the track, radians."""
        self._begun("start_alpha")
        return 2 * math.pi * -0.5 / 12

    @property
    def road_color(self):
        """Colour of the road, float64 [3], 0 to 255; a new one counts from the next reset on."""
        return self._color(0)

    @road_color.setter
    def road_color(self, color):
        self._open().colors[0] = color

    @property
    def bg_color(self):
        """Colour of the field, float64 [3], 0 to 255."""
        return self._color(1)

    @bg_color.setter
    def bg_color(self, color):
        self._open().colors[1] = color

    @property
    def grass_color(self):
        """Colour of the lighter squares of the field, float64 [3], 0 to 255."""
        return self._color(2)

    @grass_color.setter
    def grass_color(self, color):
        self._open().colors[2] = color

    @property
    def screen(self):
        """The window's surface of pygame; None without a window."""
        return None if self._window is None else self._window.surface

    def _open(self):
        """The core. Raises ClosedEnvironmentError on an environment that has been closed."""
        if self._core is None:
            raise ClosedEnvironmentError("CarRacing-v3: expected an open environment, got a closed one; make a new one")
        return self._core

    def _begun(self, name):
        """The core of an episode. Gymnasium's environment has no such attribute before the first reset."""
        core = self._open()
        if not core.running:
            raise AttributeError(f"'CarRacing' object has no attribute '{name}' before the first reset()")
        return core

    def _color(self, index):
        return self._open().colors[index].copy()
