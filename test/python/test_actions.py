"""Actions and seeds through the bridge beside Gymnasium's own CarRacing: what it takes, and which exception it raises.

The bridge used to refuse int64 (numpy's default for `np.array([0, 1, 0])`), float16, None and long seeds, and took lists.
"""

import enum

import gymnasium
import numpy as np
import pytest
import tritrack_gym  # noqa: F401 registers the environment

ID = "tritrack-remote/CarRacing-v3"
DRIVE = {True: np.array([0.3, 0.5, 0.0]), False: 3}

ACTIONS = {
    "int64": np.array([0, 1, 0]),
    "uint64": np.array([0, 1, 0], np.uint64),
    "float16": np.array([0.1, 0.5, 0], np.float16),
    "float64": np.array([0.1, 0.7, 0]),
    "longdouble": np.array([0.1, 0.7, 0], np.longdouble),
    "big-endian": np.array([0.1, 0.7, 0], ">f8"),
    "bool": np.array([True, True, False]),
    "object": np.array([0, 1, 0], object),
    "digits": np.array(["0", "1", "0"]),
    "words": np.array(["a", "b", "c"]),
    "strided": np.arange(6.0)[::2] / 6,
    "out of bounds": np.array([5, 5, -5.0]),
    "infinite": np.array([np.inf, np.inf, 0]),
    "infinite brake": np.array([0, 0, np.inf]),
    "two numbers": np.array([0, 1.0]),
    "four numbers": np.array([0, 1.0, 0, 5]),
    "no number": np.array([]),
    "column": np.array([[0], [1.0], [0]]),
    "row": np.array([[0, 1.0, 0]]),
    "square": np.eye(3),
    "list": [0, 1, 0],
    "tuple": (0, 1, 0),
    "none": None,
    "text": "left",
    "dict": {},
    "float": 0.5,
    "int": 1,
    "true": True,
    "five": 5,
    "minus one": -1,
    "huge": 2**70,
    "int32": np.int32(3),
    "int8": np.int8(3),
    "uint64 scalar": np.uint64(3),
    "float scalar": np.float64(1),
    "bool scalar": np.True_,
    "scalar array": np.array(3),
    "array of one": np.array([3]),
    "enum": enum.IntEnum("Controls", "right left").left,
}


def outcome(env, action):
    """Everything that a step and the next one return, or the exception."""
    try:
        steps = [env.step(action), env.step(DRIVE[env.unwrapped.action_space.shape == (3,)])]
    except Exception as error:
        # Box2D and numpy word these two differently where the bridge raises them itself.
        return type(error), None if type(error) in (TypeError, ValueError) else str(error)
    return [(observation.tobytes(), *rest) for observation, *rest in steps]


@pytest.fixture(scope="module", params=[True, False], ids=["continuous", "discrete"])
def pair(request):
    ours, theirs = (gymnasium.make(env_id, continuous=request.param) for env_id in (ID, "CarRacing-v3"))
    yield ours, theirs
    ours.close()


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS.keys())
def test_a_single_environment_takes_and_refuses_what_gymnasiums_does(pair, action):
    results = []
    for env in pair:
        env.reset(seed=1)
        for _ in range(3):
            env.step(DRIVE[env.action_space.shape == (3,)])
        results.append(outcome(env, action))
    assert results[0] == results[1]


ROWS = {
    "int64": np.array([[0, 1, 0], [1, 0, 0]]),
    "float16": np.array([[0.1, 0.5, 0], [0, 1, 0]], np.float16),
    "bool": np.array([[False, True, False], [True, False, False]]),
    "list of arrays": [np.array([0, 1, 0]), np.array([1, 0, 0])],
    "None among arrays": [None, np.array([0.1, 1, 0])],
    "None for all": [None, None],
    "lists": [[0, 1, 0], [1, 0, 0]],
    "one too few": np.array([[0, 1, 0]]),
    "one too many": np.zeros((3, 3)),
    "None": None,
    "number": 3,
}
CHOICES = {
    "int64": np.array([3, 1]),
    "uint8": np.array([3, 1], np.uint8),
    "list": [3, 1],
    "None among numbers": [None, 3],
    "bool": np.array([True, False]),
    "float": np.array([3.0, 1.0]),
    "out of range": np.array([3, 5]),
    "one too few": np.array([3]),
}


@pytest.mark.parametrize("continuous, actions", [
    *[pytest.param(True, rows, id=f"continuous {name}") for name, rows in ROWS.items()],
    *[pytest.param(False, choices, id=f"discrete {name}") for name, choices in CHOICES.items()],
])  # fmt: skip
def test_a_vector_takes_and_refuses_what_gymnasiums_does(vectors, continuous, actions):
    results = []
    for envs in vectors[continuous]:
        envs.reset(seed=1)
        envs.step(np.array([DRIVE[continuous]] * 2))
        try:
            observations, *rest = envs.step(actions)
            results.append((observations.tobytes(), [part.tolist() for part in rest[:3]], rest[3]))
        except Exception as error:
            results.append(type(error))
    assert results[0] == results[1]


@pytest.fixture(scope="module")
def vectors():
    kinds = (True, False)
    made = {
        continuous: (
            gymnasium.make_vec(ID, num_envs=2, continuous=continuous),
            gymnasium.make_vec("CarRacing-v3", num_envs=2, vectorization_mode="sync", continuous=continuous),
        )
        for continuous in kinds
    }
    yield made
    for ours, _ in made.values():
        ours.close()


def test_none_earns_nothing_and_its_tiles_count_for_the_next_step():
    """Gymnasium adds what a step without action visits to the reward of the next one."""
    ours, theirs = (gymnasium.make(env_id) for env_id in (ID, "CarRacing-v3"))
    rewards = []
    for env in (ours, theirs):
        env.reset(seed=3)
        for _ in range(20):
            env.step(np.array([0, 1.0, 0]))
        rewards.append([env.step(None if step % 3 else np.array([0, 0.2, 0]))[1] for step in range(60)])
    assert rewards[0] == rewards[1]
    ours.close()


def test_an_ended_environment_of_a_vector_ignores_its_action():
    ours = gymnasium.make_vec(ID, num_envs=2, max_episode_steps=2)
    theirs = gymnasium.make_vec("CarRacing-v3", num_envs=2, vectorization_mode="sync", max_episode_steps=2)
    for envs in (ours, theirs):
        envs.reset(seed=1)
        for _ in range(2):
            *_, truncations, _ = envs.step(np.zeros((2, 3)))
        assert truncations.all()
    results = [envs.step([[0, 0, 0], "ignored"])[0] for envs in (ours, theirs)]
    assert np.array_equal(*results)
    ours.close()


SEEDS = [0, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**100, 10**100 - 1, 10**5000, True]
NO_SEEDS = [-1, 1.0, 1.5, "7", np.int64(7), np.array(7), [7]]


@pytest.mark.parametrize("seed", SEEDS + NO_SEEDS, ids=lambda seed: f"{type(seed).__name__} {seed if not isinstance(seed, int) or seed < 10**30 else seed.bit_length()}")
def test_seeds_of_any_size_give_gymnasiums_episode_and_others_its_error(pair, seed):
    results = []
    for env in pair:
        try:
            results.append(env.reset(seed=seed)[0].tobytes())
        except gymnasium.error.Error as error:
            results.append((type(error), str(error)))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "seed", [2**64 - 1, 2**70, [2**64 - 1, 5], [None, 5], (3, 4), [1], [1, -1], [1, 1.5], np.int64(3), np.array([3, 4]), "ab"],
    ids=str,
)  # fmt: skip
def test_a_vectors_seeds_are_gymnasiums(vectors, seed):
    results = []
    for envs in vectors[True]:
        envs.reset(seed=9)
        try:
            observations, _ = envs.reset(seed=seed)
            # A seed of None goes on with a generator that stands where the last reset left it.
            results.append(observations.tobytes())
        except Exception as error:
            results.append(type(error))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "mask", [np.array([True, False]), [True, False], np.array([True]), np.array([1, 0]), np.array([False, False])], ids=str
)
def test_a_vectors_reset_masks_are_gymnasiums(vectors, mask):
    results = []
    for envs in vectors[True]:
        envs.reset(seed=9)
        envs.step(np.zeros((2, 3)))
        try:
            observations, _ = envs.reset(seed=[5, 6], options={"reset_mask": mask})
            results.append(observations.tobytes())
        except Exception as error:
            results.append((type(error), str(error)))
    assert results[0] == results[1]
