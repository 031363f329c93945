"""`gymnasium.make("tritrack/CarRacing-v3")` in this process, beside Gymnasium's own CarRacing-v3."""

import decimal
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

ID = "tritrack/CarRacing-v3"
RELEASE = tuple(int(part) for part in gymnasium.__version__.split(".")[:2])
#: Pictures are compared where Gymnasium draws the score as 1.4 does, or as 1.2 does.
REFERENCE = "gymnasium-1.4" if RELEASE >= (1, 4) else "gymnasium-1.2"


def pair(**kwargs):
    """Our environment and Gymnasium's."""
    if RELEASE < (1, 1) and not kwargs.get("continuous", True):
        pytest.skip("Gymnasium 1.0 cannot step its discrete CarRacing: it calls astype on the number")
    return gymnasium.make(ID, reference=REFERENCE, **kwargs), gymnasium.make("CarRacing-v3", **kwargs)


def drive(rng):
    """An action that stays on the road for a while."""
    return np.float32([rng.uniform(-0.4, 0.4), rng.uniform(0, 0.7), rng.uniform(0, 0.2)])


def equal_steps(ours, theirs, actions):
    """Steps both, every byte and every type equal; returns the steps done."""
    for step, action in enumerate(actions, 1):
        observation, *rest = ours.step(action)
        expected, *expected_rest = theirs.step(action)
        assert observation.dtype == expected.dtype and np.array_equal(observation, expected), f"observation of step {step}"
        assert rest == expected_rest, f"reward, end or info of step {step}"
        assert [type(one) for one in rest] == [type(one) for one in expected_rest]
        if rest[1] or rest[2]:
            return step
    return len(actions)


def equal_reset(ours, theirs, **kwargs):
    observation, info = ours.reset(**kwargs)
    expected, expected_info = theirs.reset(**kwargs)
    assert np.array_equal(observation, expected) and info == expected_info
    assert ours.np_random.bit_generator.state == theirs.np_random.bit_generator.state
    assert ours.unwrapped.np_random_seed == theirs.unwrapped.np_random_seed


def test_import_of_gymnasium_is_enough():
    assert ID in gymnasium.registry
    assert gymnasium.spec(ID).max_episode_steps == 1000 and gymnasium.spec(ID).reward_threshold == 900


def test_check_env():
    check_env(gymnasium.make(ID, render_mode="rgb_array").unwrapped)


def test_spaces_and_metadata_are_equal():
    for continuous in (True, False):
        ours, theirs = (gymnasium.make(name, continuous=continuous) for name in (ID, "CarRacing-v3"))
        assert ours.observation_space == theirs.observation_space and ours.action_space == theirs.action_space
        assert ours.metadata == theirs.metadata


@pytest.mark.parametrize(
    "kwargs, seed",
    [
        ({}, 1),
        ({}, 2**70),
        ({"continuous": False}, 3),
        ({"domain_randomize": True}, 4),
        ({"render_mode": "state_pixels"}, 5),
    ],
)
def test_episodes_are_equal(kwargs, seed):
    ours, theirs = pair(**kwargs)
    theirs.action_space.seed(1)
    rng = np.random.default_rng(seed)
    for again in (seed, None):
        equal_reset(ours, theirs, seed=again)
        actions = [drive(rng) if theirs.unwrapped.continuous else theirs.action_space.sample() for _ in range(80)]
        equal_steps(ours, theirs, actions)


def test_an_episode_out_of_the_field_is_equal_to_its_end():
    ours, theirs = pair()
    equal_reset(ours, theirs, seed=6)
    straight = [np.float32([0, 1, 0])] * 400
    steps = equal_steps(ours, theirs, straight)
    assert steps < 400
    _, reward, terminated, _, info = ours.unwrapped.step(straight[0])
    assert (reward, terminated, info) == (-100, True, {"lap_finished": False})
    assert (reward, terminated, info) == theirs.unwrapped.step(straight[0])[1:3] + theirs.unwrapped.step(straight[0])[4:]


def test_a_lap_ends_alike():
    ours, theirs = pair(lap_complete_percent=0.0)
    equal_reset(ours, theirs, seed=1)
    ours.unwrapped.lap_complete_percent = theirs.unwrapped.lap_complete_percent = -1.0
    equal_reset(ours, theirs, seed=1)  # the first tile is visited in the reset: the lap is over in the first step
    assert equal_steps(ours, theirs, [np.float32([0, 0, 0])]) == 1
    assert ours.unwrapped.new_lap is theirs.unwrapped.new_lap is True


@pytest.mark.parametrize("options", [None, {}, {"randomize": True}, {"randomize": 1}, [1], {"else": 1}])
def test_colours_are_drawn_alike(options):
    ours, theirs = pair(domain_randomize=True)
    for seed in (8, None):
        equal_reset(ours, theirs, seed=seed, options=options)
        for name in ("road_color", "bg_color", "grass_color"):
            assert np.array_equal(getattr(ours.unwrapped, name), getattr(theirs.unwrapped, name))


@pytest.mark.parametrize("options", [{"randomize": False}, {"randomize": 0}])
def test_colours_are_kept_alike(options):
    ours, theirs = pair(domain_randomize=True)
    equal_reset(ours, theirs, seed=8)
    equal_reset(ours, theirs, options=options)
    assert ours.np_random.bit_generator.state == theirs.np_random.bit_generator.state


def test_the_first_colours_are_drawn_as_it_is_made():
    colors = [gymnasium.make(ID, domain_randomize=True).unwrapped.bg_color for _ in range(2)]
    assert not np.array_equal(*colors) and all((0 <= color).all() and (color <= 210).all() for color in colors)


def test_colours_that_a_user_sets_are_drawn():
    ours, theirs = (env.unwrapped for env in pair(render_mode="state_pixels"))
    for env in (ours, theirs):
        env.road_color, env.bg_color, env.grass_color = np.array([[10.0, 20, 30], [40, 50, 60], [70, 80, 90]])
    equal_reset(ours, theirs, seed=2)
    equal_steps(ours, theirs, [np.float32([0.1, 0.4, 0])] * 20)


def test_the_generator_is_shared_with_its_user():
    ours, theirs = pair()
    equal_reset(ours, theirs, seed=11)
    assert ours.np_random.random() == theirs.np_random.random()
    equal_reset(ours, theirs)
    for env in (ours, theirs):
        env.unwrapped.np_random = np.random.default_rng(5)
    equal_reset(ours, theirs)
    with pytest.raises(TypeError, match="^np_random: expected a generator with PCG64, got MT19937$"):
        ours.unwrapped.np_random = np.random.Generator(np.random.MT19937(1))
        ours.reset()


def test_render_is_equal():
    ours, theirs = pair(render_mode="rgb_array")
    equal_reset(ours, theirs, seed=4)
    assert np.array_equal(ours.render(), theirs.render())
    skid = [np.float32([0.8, 1, 0])] * 60 + [np.float32([-0.8, 0.5, 0.5])] * 20
    equal_steps(ours, theirs, skid)
    assert np.array_equal(ours.render(), theirs.render())
    assert len(ours.unwrapped.car.particles) == len(theirs.unwrapped.car.particles) > 0


def test_state_pixels_show_the_present_score():
    ours, theirs = pair(render_mode="state_pixels")
    equal_reset(ours, theirs, seed=4)
    equal_steps(ours, theirs, [np.float32([0, 0.3, 0])] * 7)
    assert np.array_equal(ours.render(), theirs.render())
    equal_steps(ours, theirs, [np.float32([0, 0.3, 0])])


def test_render_before_a_reset_and_without_a_mode(capsys):
    for name in (ID, "CarRacing-v3"):
        env = gymnasium.make(name, render_mode="rgb_array").unwrapped
        assert env.render() is None
        env.render_mode = "nonsense"
        with pytest.raises(AssertionError):
            env.render()
        env = gymnasium.make(name)
        env.reset(seed=1)
        with pytest.warns(UserWarning, match="You are calling render method without specifying any render mode"):
            assert env.render() is None


def test_verbose_prints_the_same(capsys):
    printed = []
    for name in (ID, "CarRacing-v3"):
        env = gymnasium.make(name, verbose=True)
        for seed in (0, 36):  # track 36 is drawn twice
            env.reset(seed=seed)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] and "retry" in printed[0]


def test_attributes_are_equal():
    ours, theirs = (env.unwrapped for env in pair())
    assert ours.car is theirs.car is None and ours.road is theirs.road is None
    for name in ("track", "road_poly", "t", "tile_visited_count"):
        assert not hasattr(ours, name)
    equal_reset(ours, theirs, seed=3)
    rng = np.random.default_rng(0)
    for _ in range(60):
        equal_steps(ours, theirs, [drive(rng)])
        for name in ("reward", "prev_reward", "t", "tile_visited_count", "new_lap", "start_alpha"):
            assert getattr(ours, name) == getattr(theirs, name), name
        for ours_part, theirs_part in zip(ours.car.drawlist, theirs.car.drawlist):
            assert tuple(ours_part.position) == tuple(theirs_part.position)
            assert ours_part.angle == theirs_part.angle
            assert tuple(ours_part.linearVelocity) == tuple(theirs_part.linearVelocity)
            assert ours_part.angularVelocity == theirs_part.angularVelocity
        for ours_wheel, theirs_wheel in zip(ours.car.wheels, theirs.car.wheels):
            for name in ("omega", "phase", "gas", "brake", "steer", "wheel_rad"):
                assert getattr(ours_wheel, name) == getattr(theirs_wheel, name), name
            assert ours_wheel.joint.angle == theirs_wheel.joint.angle
            assert len(ours_wheel.tiles) == len(theirs_wheel.tiles)
    # Libraries of mathematics differ in the last bit of a sine; nothing that Box2D sees does.
    assert np.allclose(ours.track, theirs.track, rtol=0, atol=1e-12) and type(ours.track[0]) is tuple
    assert np.array_equal(ours.state, theirs.state)
    assert len(ours.road_poly) == len(theirs.road_poly)
    for (corners, color), (expected, expected_color) in zip(ours.road_poly, theirs.road_poly):
        assert np.allclose(corners, expected, rtol=0, atol=1e-12) and np.array_equal(color, expected_color)
    for tile, expected in zip(ours.road, theirs.road):
        assert (tile.idx, tile.road_visited) == (expected.idx, expected.road_visited)
        assert np.array_equal(tile.color, expected.color)
    x, y = ours.car.hull.position
    assert (x, y) == (ours.car.hull.position.x, ours.car.hull.position[1])
    assert ours.car.hull.linearVelocity.length == pytest.approx(theirs.car.hull.linearVelocity.length)


class Convertible:
    """An action that has no more than `astype`."""

    def astype(self, dtype):
        return np.array([0.1, 0.2, 0.3], dtype)


ACTIONS = [
    np.array([1, 1, 0]), np.array([True, False, True]), np.float16([0.3, 0.5, 0.1]), np.longdouble([0.3, 0.5, 0.1]),
    np.array([0.1 + 0j, 0.5, 0]), np.array([0.3, 0.5, 0.1], ">f8"), np.array([0.1, 0.2, 0.3])[::-1], np.array([1, 0.5, 0, 7]),
    np.array([decimal.Decimal("0.1"), 0.2, 1], object), np.array(["0.1", "0.2", "0.3"]), Convertible(), None,
    np.ma.array([0.1, 0.2, 0.3]), np.array([5.0, 5, 5]), np.array([-5.0, -5, -5]), np.array([1e300, 1, 1e300]),
    np.array([np.inf, np.inf, np.inf]), np.array([-np.inf, -np.inf, -np.inf]), np.array([np.nan, 0.5, np.nan]),
    np.array([0, np.nan, 0]), np.array([2**63 - 1, 0, 0]), [0.1, 0.2, 0.3], (0, 0, 0), 1, 0.5, "gas", {}, object(),
    np.float64(1), np.array(1.0), np.array([]), np.array([1.0]), np.array([1.0, 2.0]), np.zeros((3, 1)), np.zeros((1, 3)),
    np.zeros((3, 3)), np.zeros((3, 0)), np.array(["a", "b", "c"]),
]  # fmt: skip
CHOICES = [
    0, 1, 2, 3, 4, 5, -1, True, False, 1.0, np.int8(3), np.int64(4), np.uint64(2), np.array(3), np.array([3]), np.float32(2),
    "1", [1], np.bool_(True), 2**70, np.array(2.0), None,
]  # fmt: skip


@pytest.mark.parametrize(
    "continuous, action",
    [(True, action) for action in ACTIONS] + [(False, action) for action in CHOICES],
    ids=lambda value: repr(value)[:40].replace("\n", ""),
)
def test_actions_are_taken_and_refused_alike(continuous, action):
    ours, theirs = (env.unwrapped for env in pair(continuous=continuous))
    equal_reset(ours, theirs, seed=3)
    results = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for env in (ours, theirs):
            try:
                results.append(env.step(action))
            except Exception as error:
                results.append(error)
    if isinstance(results[1], Exception):
        assert type(results[0]) is type(results[1]), results
        return
    assert np.array_equal(results[0][0], results[1][0]) and results[0][1:] == results[1][1:]
    after = np.array([0.1, 0.3, 0]) if continuous else 3
    equal_steps(ours, theirs, [after, None, after])


@pytest.mark.parametrize("seed", [-1, 1.5, "1", np.int64(3), [1]])
def test_seeds_are_refused_alike(seed):
    ours, theirs = (env.unwrapped for env in pair())
    errors = []
    for env in (ours, theirs):
        try:
            env.reset(seed=seed)
            errors.append(None)
        except Exception as error:
            errors.append((type(error), str(error)))
    assert errors[0] == errors[1]


def test_a_step_before_the_first_reset_is_refused_alike():
    for env in pair():
        with pytest.raises(gymnasium.error.ResetNeeded):
            env.step(np.zeros(3, np.float32))
        with pytest.raises(AssertionError):
            env.unwrapped.step(np.zeros(3, np.float32))


def test_percentages_out_of_their_range_mean_the_same():
    for percent in (-0.5, 1.5, float("nan"), 0, 1, True):
        ours, theirs = pair(lap_complete_percent=percent)
        equal_reset(ours, theirs, seed=1)
        equal_steps(ours, theirs, [np.float32([0, 0.2, 0])] * 3)


@pytest.mark.parametrize(
    "kwargs, error, message",
    [
        ({"lap_complete_percent": "x"}, ValueError, "lap_complete_percent: expected a number, got 'x'"),
        ({"frame_skip": 0}, ValueError, "frame_skip: expected a whole number from 1 to 1000, got 0"),
        ({"frame_skip": 1.5}, ValueError, "frame_skip: expected a whole number from 1 to 1000, got 1.5"),
        ({"grip": 0}, ValueError, "grip: expected a number in its range, got 0.0"),
        ({"direction": "up"}, ValueError, "direction: expected one of forward, backward, random, got 'up'"),
        ({"reference": 1.4}, ValueError, "reference: expected one of gymnasium-1.4, gymnasium-1.2, got 1.4"),
    ],
)
def test_wrong_options_are_told(kwargs, error, message):
    with pytest.raises(error) as told:
        gymnasium.make(ID, **kwargs).unwrapped
    assert str(told.value).startswith(message)


def test_unknown_options_are_refused_as_gymnasium_does():
    for name in (ID, "CarRacing-v3"):
        with pytest.raises(TypeError, match="unexpected keyword argument 'wheels'"):
            gymnasium.make(name, wheels=5)


def test_a_closed_environment_says_so():
    env = gymnasium.make(ID, render_mode="rgb_array")
    env.reset(seed=1)
    env.close()
    env.close()
    for use in (env.unwrapped.reset, env.unwrapped.render, env.unwrapped.snapshot, lambda: env.unwrapped.step(None)):
        with pytest.raises(gymnasium.error.ClosedEnvironmentError) as told:
            use()
        assert str(told.value) == "CarRacing-v3: expected an open environment, got a closed one; make a new one"


def test_options_of_ours():
    env = gymnasium.make(ID, frame_skip=4, info_extras=True).unwrapped
    plain = gymnasium.make(ID).unwrapped
    (_, info), _ = env.reset(seed=1), plain.reset(seed=1)
    assert info["tiles_visited"] >= 1 and info["lap_finished"] is False and info["wheels_on_grass"] == [False] * 4
    action = np.float32([0.1, 0.5, 0])
    observation, reward, *_, info = env.step(action)
    rewards = [plain.step(action)[1] for _ in range(4)]
    assert np.array_equal(observation, plain.state) and reward == pytest.approx(sum(rewards))
    assert info["speed"] == pytest.approx(plain.car.hull.linearVelocity.length)
    blind = gymnasium.make(ID, observations=False).unwrapped
    assert not blind.reset(seed=1)[0].any() and not blind.step(action)[0].any()
    assert gymnasium.make(ID, random_start=True, direction="backward").reset(seed=1)[0].any()
    slippery = gymnasium.make(ID, grip=0.3).unwrapped
    slippery.reset(seed=1)
    plain.reset(seed=1)
    for _ in range(50):
        slippery.step(np.float32([0.3, 1, 0]))
        plain.step(np.float32([0.3, 1, 0]))
    assert tuple(slippery.car.hull.position) != tuple(plain.car.hull.position)


def test_human_opens_a_window(monkeypatch):
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = gymnasium.make(ID, render_mode="human")
    env.reset(seed=1)
    env.step(np.float32([0, 0.5, 0]))
    assert env.render() is None and env.unwrapped.screen.get_size() == (1000, 800)
    shown = pygame.surfarray.array3d(env.unwrapped.screen)
    assert shown.std() > 20
    env.close()
    assert env.unwrapped.isopen is False
