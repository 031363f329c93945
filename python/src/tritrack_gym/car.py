"""The car and the road as Gymnasium's users reach for them: `env.unwrapped.car.hull.position`, `car.wheels[0].omega`, ….

The objects read the module's memory whenever they are asked, so they always tell the present; they cannot be written to.
Names are those of Box2D and of Gymnasium's car_dynamics.py.
"""

import math

from .core import WHEELS

#: Car_dynamics: half the size of a wheel, in units of 0.02.
_WHEEL_RADIUS = 27 * 0.02
_WHEEL_COLOR = (0, 0, 0)
_MUD_COLOR = (102, 102, 0)
_HULL_COLOR = (0.8, 0.0, 0.0)


class Vec2:
    """A vector of two numbers, as Box2D's `b2Vec2`: `v.x`, `v[0]`, `x, y = v`, `v + w`, `v.length`."""

    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __len__(self):
        return 2

    def __iter__(self):
        yield self.x
        yield self.y

    def __getitem__(self, index):
        return (self.x, self.y)[index]

    def __eq__(self, other):
        try:
            return tuple(self) == tuple(other)
        except TypeError:
            return NotImplemented

    def __hash__(self):
        return hash((self.x, self.y))

    def __add__(self, other):
        return Vec2(self.x + other[0], self.y + other[1])

    def __sub__(self, other):
        return Vec2(self.x - other[0], self.y - other[1])

    def __mul__(self, factor):
        return Vec2(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor):
        return Vec2(self.x / divisor, self.y / divisor)

    def __neg__(self):
        return Vec2(-self.x, -self.y)

    def __repr__(self):
        return f"Vec2({self.x:g},{self.y:g})"

    @property
    def length(self):
        """Length of the vector."""
        return math.hypot(self.x, self.y)

    @property
    def lengthSquared(self):  # noqa: N802 Box2D's name
        """Square of the length."""
        return self.x * self.x + self.y * self.y

    @property
    def tuple(self):
        """The two numbers."""
        return self.x, self.y

    def dot(self, other):
        """Returns the scalar product."""
        return self.x * other[0] + self.y * other[1]


class Body:
    """The hull or a wheel, as a `b2Body`. World units (a tile is 3.5 long), radians, seconds."""

    def __init__(self, core, index):
        self._core = core
        self._index = index

    @property
    def position(self):
        """Origin of the body."""
        return Vec2(*self._core.bodies[self._index, 0:2].tolist())

    @property
    def angle(self):
        """Angle, counter-clockwise; 0 looks along y."""
        return self._core.bodies[self._index, 2].item()

    @property
    def linearVelocity(self):  # noqa: N802 Box2D's name
        """Velocity of the centre of mass."""
        return Vec2(*self._core.bodies[self._index, 3:5].tolist())

    @property
    def angularVelocity(self):  # noqa: N802 Box2D's name
        """Angular velocity."""
        return self._core.bodies[self._index, 5].item()


class Hull(Body):
    """The car without its wheels."""

    color = _HULL_COLOR


class Joint:
    """The joint that holds a wheel."""

    def __init__(self, core, wheel):
        self._core = core
        self._wheel = wheel

    @property
    def angle(self):
        """Angle of the wheel to the hull, radians."""
        return self._core.joint_angles[self._wheel].item()

    @property
    def motorSpeed(self):  # noqa: N802 Box2D's name
        """Speed at which the wheel is being turned, radians a second."""
        return self._core.motor_speeds[self._wheel].item()


class Wheel(Body):
    """A wheel: front left, front right, rear left, rear right."""

    color = _WHEEL_COLOR
    wheel_rad = _WHEEL_RADIUS

    def __init__(self, core, wheel):
        super().__init__(core, 1 + wheel)
        self._wheel = wheel
        self.joint = Joint(core, wheel)

    @property
    def omega(self):
        """Angular velocity of the rolling wheel, radians a second."""
        return self._core.wheels[self._wheel, 0].item()

    @property
    def phase(self):
        """Angle that the wheel has rolled through, radians."""
        return self._core.wheels[self._wheel, 1].item()

    @property
    def gas(self):
        """Gas as the wheel has it, 0 to 1."""
        return self._core.wheels[self._wheel, 2].item()

    @property
    def brake(self):
        """Brake as the wheel has it; from 0.9 on the wheel blocks."""
        return self._core.wheels[self._wheel, 3].item()

    @property
    def steer(self):
        """Angle that the wheel turns to, radians, left positive."""
        return self._core.wheels[self._wheel, 4].item()

    @property
    def tiles(self):
        """One number for each tile that the wheel touches: false on grass. Gymnasium has the tiles themselves."""
        return range(self._core.touching[self._wheel].item())


class Particle:
    """A skid mark.

    Attributes
    ----------
    grass : bool
        Whether it is on grass.
    color : tuple of int
    poly : list of tuple of float
        Points of the line, world units.
    """

    def __init__(self, grass, points):
        self.grass = grass
        self.color = _MUD_COLOR if grass else _WHEEL_COLOR
        self.poly = points


class Car:
    """The car: `hull`, four `wheels`, and its skid marks.

    Attributes
    ----------
    hull : Hull
    wheels : list of Wheel
    fuel_spent : float
        Gymnasium sets it to 0 in every step.
    """

    fuel_spent = 0.0

    def __init__(self, core):
        self._core = core
        self.hull = Hull(core, 0)
        self.wheels = [Wheel(core, wheel) for wheel in range(WHEELS)]

    @property
    def drawlist(self):
        """Wheels and hull in the order they are drawn."""
        return [*self.wheels, self.hull]

    @property
    def particles(self):
        """The skid marks, oldest first, at most 30."""
        return [Particle(grass, [tuple(point) for point in points.tolist()]) for grass, points in self._core.skids()]


class Tile:
    """A tile of the road as it was when it was asked for.

    Attributes
    ----------
    idx : int
        Place on the track; the car starts on 0.
    road_visited : bool
        Whether a wheel has touched it.
    road_friction : float
    color : ndarray of float64 [3]
        0 to 255.
    """

    def __init__(self, idx, road_visited, color):
        self.idx = idx
        self.road_visited = road_visited
        self.road_friction = 1.0
        self.color = color


def road(core):
    """The tiles and kerbs of an episode.

    Parameters
    ----------
    core : Core

    Returns
    -------
    road : list of Tile
        Gymnasium's `env.road`.
    road_poly : list of tuple
        Gymnasium's `env.road_poly`: four corners, and a colour; tiles and kerbs in the order they are drawn.
    """
    road_color = core.colors[0].copy()
    plain = [int(channel) for channel in road_color]
    drawn, visited = core.quad_colors().tolist(), core.visited().tolist()
    tile_of = {quad: tile for tile, quad in enumerate(core.tile_quads().tolist())}
    tiles, polygons = [], []
    for quad, corners in enumerate(core.quads().tolist()):
        corners = [tuple(corner) for corner in corners]
        tile = tile_of.get(quad)
        if tile is None:
            polygons.append((corners, tuple(drawn[quad])))
            continue
        # Every third tile is of the road's own colour; the others take it when they are touched.
        is_touched = drawn[quad] == plain
        color = road_color.copy() if is_touched else road_color + 0.01 * (tile % 3) * 255
        tiles.append(Tile(tile, visited[tile], color))
        polygons.append((corners, color))
    return tiles, polygons
