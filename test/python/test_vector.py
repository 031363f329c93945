"""`gymnasium.make_vec("tritrack-remote/CarRacing-v3")` beside Gymnasium's SyncVectorEnv of its own environments."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode


def equal(ours, theirs):
    """Nested results, arrays with their types included."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        for key in theirs:
            equal(ours[key], theirs[key])
    elif isinstance(theirs, tuple) or (isinstance(theirs, np.ndarray) and theirs.dtype == object):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs):
            equal(a, b)
    elif isinstance(theirs, np.ndarray):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)
    else:
        assert ours == theirs


def make(mode, **kwargs):
    kwargs = {"num_envs": 3, "max_episode_steps": 12, **kwargs}
    ours = gymnasium.make_vec("tritrack-remote/CarRacing-v3", autoreset_mode=mode, **kwargs)
    sync = {"vectorization_mode": "sync", "vector_kwargs": {"autoreset_mode": mode}}
    return ours, gymnasium.make_vec("CarRacing-v3", **sync, **kwargs)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("continuous", [True, False])
def test_equal_through_resets(mode, continuous):
    ours, theirs = make(mode, continuous=continuous)
    assert ours.metadata["autoreset_mode"] == mode
    assert ours.observation_space == theirs.observation_space
    equal(ours.reset(seed=5), theirs.reset(seed=5))
    theirs.action_space.seed(1)
    for _ in range(30):
        actions = theirs.action_space.sample()
        equal(ours.step(actions), theirs.step(actions))
    ours.close()


def test_resets_by_mask():
    ours, theirs = make(AutoresetMode.DISABLED)
    equal(ours.reset(seed=[1, 2, 3]), theirs.reset(seed=[1, 2, 3]))
    actions = np.tile(np.float32([0.1, 0.5, 0]), (3, 1))
    for _ in range(12):
        last = ours.step(actions)
        equal(last, theirs.step(actions))
    assert last[3].all()
    mask = {"reset_mask": np.array([True, False, True])}
    equal(ours.reset(seed=[7, None, 9], options=mask)[0], theirs.reset(seed=[7, None, 9], options=mask)[0])
    with pytest.raises(gymnasium.error.ResetNeeded):
        ours.step(actions)
    ours.close()
