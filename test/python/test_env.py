"""`gymnasium.make("tritrack-remote/CarRacing-v3")` beside Gymnasium's own CarRacing-v3."""

import gymnasium
import numpy as np
import pytest
import tritrack_gym
from gymnasium.utils.env_checker import check_env

ID = "tritrack-remote/CarRacing-v3"


def side_by_side(ours, theirs, actions, seed, options=None):
    """Steps both to the end of the actions or the episode, every byte equal; how many steps that was."""
    observation, info = ours.reset(seed=seed, options=options)
    expected, expected_info = theirs.reset(seed=seed, options=options)
    assert np.array_equal(observation, expected) and observation.dtype == expected.dtype
    assert info == expected_info
    for step, action in enumerate(actions, 1):
        observation, *rest = ours.step(action)
        expected, *expected_rest = theirs.step(action)
        assert np.array_equal(observation, expected), f"observation of step {step}"
        assert rest == expected_rest, f"reward, end or info of step {step}"
        if rest[1] or rest[2]:
            return step
    return len(actions)


def test_check_env():
    check_env(gymnasium.make(ID, render_mode="rgb_array").unwrapped)


def test_a_whole_drive_is_equal_byte_for_byte(archives):
    drive = np.load(archives[0])
    ours, theirs = gymnasium.make(ID), gymnasium.make("CarRacing-v3")
    assert ours.observation_space == theirs.observation_space and ours.action_space == theirs.action_space
    steps = side_by_side(ours, theirs, drive["actions"], int(drive["seed"]))
    assert steps == len(drive["actions"])
    ours.close()


@pytest.mark.parametrize(
    "kwargs, options",
    [
        ({"continuous": False}, None),
        ({"domain_randomize": True}, {"randomize": True}),
        ({"lap_complete_percent": 0.5, "max_episode_steps": 40}, None),
        ({"render_mode": "state_pixels"}, None),
    ],
)
def test_options_are_equal(kwargs, options):
    ours, theirs = gymnasium.make(ID, **kwargs), gymnasium.make("CarRacing-v3", **kwargs)
    theirs.action_space.seed(1)
    actions = [theirs.action_space.sample() for _ in range(60)]
    for seed in (0, 2**70):
        side_by_side(ours, theirs, actions, seed, options)
    ours.close()


def test_render_is_equal():
    ours, theirs = (gymnasium.make(name, render_mode="rgb_array") for name in (ID, "CarRacing-v3"))
    for env in (ours, theirs):
        env.reset(seed=4)
        env.step(np.array([0.3, 0.6, 0], dtype=np.float32))
    assert np.array_equal(ours.render(), theirs.render())
    ours.close()


def test_errors_are_gymnasiums_and_the_environment_goes_on():
    env = gymnasium.make(ID).unwrapped
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.step(np.zeros(3, np.float32))
    env.reset(seed=1)
    with pytest.raises(gymnasium.error.InvalidAction):
        env.step(np.array([np.nan, 0, 0]))
    env.step(np.zeros(3, np.float32))
    env.close()
    env.close()
    with pytest.raises(gymnasium.error.ClosedEnvironmentError):
        env.reset()
    with pytest.raises(tritrack_gym.RemoteError, match="takes no option"):
        gymnasium.make(ID, wheels=5)
    with pytest.raises(tritrack_gym.ConnectionLost):
        gymnasium.make(ID, url="ws://127.0.0.1:9")
