"""`gymnasium.make_vec("tritrack/CarRacing-v3")` beside Gymnasium's SyncVectorEnv of its own environments."""

import gc
import os
import pickle
import weakref

import gymnasium
import numpy as np
import pytest
from test_core_env import ID, REFERENCE, RELEASE, drive
from tritrack_gym.car_racing_vector import AutoresetMode
from tritrack_gym.threads import Threads

MODES = [AutoresetMode.NEXT_STEP] if RELEASE < (1, 1) else list(AutoresetMode)


def equal(ours, theirs):
    """Nested results, arrays with their types included."""
    if isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key in theirs:
            equal(ours[key], theirs[key])
    elif isinstance(theirs, tuple) or (isinstance(theirs, np.ndarray) and theirs.dtype == object):
        assert type(ours) is type(theirs) and len(ours) == len(theirs)
        for a, b in zip(ours, theirs):
            equal(a, b)
    elif isinstance(theirs, np.ndarray):
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)
    else:
        assert ours == theirs


def pair(mode=AutoresetMode.NEXT_STEP, num_envs=3, max_episode_steps=12, **kwargs):
    """Our vector and Gymnasium's, of as many of their environments."""
    modes = {} if RELEASE < (1, 1) else {"autoreset_mode": mode}
    shared = {"num_envs": num_envs, "max_episode_steps": max_episode_steps, **kwargs}
    ours = gymnasium.make_vec(ID, reference=REFERENCE, **modes, **shared)
    return ours, gymnasium.make_vec("CarRacing-v3", vectorization_mode="sync", vector_kwargs=modes, **shared)


def batch(rng, num_envs=3):
    return np.stack([drive(rng) for _ in range(num_envs)])


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
@pytest.mark.parametrize("kwargs", [{}, {"continuous": False}, {"domain_randomize": True, "lap_complete_percent": 0.0}])
def test_equal_through_resets(mode, kwargs):
    if RELEASE < (1, 1) and "continuous" in kwargs:
        pytest.skip("Gymnasium 1.0 cannot step its discrete CarRacing")
    ours, theirs = pair(mode, **kwargs)
    if RELEASE >= (1, 1):
        assert ours.metadata == theirs.metadata
    assert ours.observation_space == theirs.observation_space and ours.action_space == theirs.action_space
    assert ours.single_action_space == theirs.single_action_space and ours.render_mode is theirs.render_mode is None
    equal(ours.reset(seed=5), theirs.reset(seed=5))
    theirs.action_space.seed(1)
    rng = np.random.default_rng(1)
    for _ in range(30):
        actions = batch(rng) if "continuous" not in kwargs else theirs.action_space.sample()
        results = ours.step(actions), theirs.step(actions)
        equal(*results)
        ended = results[0][2] | results[0][3]
        if mode == AutoresetMode.DISABLED and ended.any():
            with pytest.raises(AssertionError):
                ours.step(actions)
            options = {"reset_mask": ended}
            equal(ours.reset(options=dict(options)), theirs.reset(options=options))
    ours.close()


def test_render_call_and_attributes_are_equal():
    ours, theirs = pair(render_mode="rgb_array")
    equal(ours.reset(seed=[1, 2, 3]), theirs.reset(seed=[1, 2, 3]))
    ours.step(actions := batch(np.random.default_rng(0))), theirs.step(actions)
    equal(ours.render(), theirs.render())
    assert np.allclose(ours.get_attr("track")[2], theirs.get_attr("track")[2], rtol=0, atol=1e-12)
    for name in ("tile_visited_count", "t", "reward", "np_random_seed"):
        assert ours.get_attr(name) == theirs.get_attr(name) and ours.call(name) == theirs.call(name)
    assert ours.np_random_seed == theirs.np_random_seed
    assert [one.random() for one in ours.np_random] == [one.random() for one in theirs.np_random]
    for vector in (ours, theirs):
        vector.set_attr("lap_complete_percent", [0.1, 0.2, 0.3])
        vector.set_attr("verbose", False)
        with pytest.raises(ValueError, match="Values must be a list or tuple with length equal to the number"):
            vector.set_attr("verbose", [True])
    assert ours.get_attr("lap_complete_percent") == theirs.get_attr("lap_complete_percent") == (0.1, 0.2, 0.3)
    assert ours.call("render")[0].shape == (400, 600, 3)


@pytest.mark.skipif(RELEASE < (1, 4), reason="before Gymnasium 1.4 a mask or seeds that are none fail an assertion")
def test_masks_are_checked_and_leave_the_others_alone():
    ours, theirs = pair(AutoresetMode.DISABLED, render_mode="state_pixels")
    equal(ours.reset(seed=1), theirs.reset(seed=1))
    observations, *_ = ours.step(actions := batch(np.random.default_rng(0)))
    theirs.step(actions)
    observations[:] = 0  # the caller's own
    ours.render()  # draws over what the module has for the others
    options = {"reset_mask": np.array([True, False, False])}
    equal(ours.reset(seed=[9, None, None], options=dict(options)), theirs.reset(seed=[9, None, None], options=options))
    for mask in ([True, False, False], np.array([True]), np.array([1, 0, 0]), np.zeros(3, bool)):
        errors = []
        for vector in (ours, theirs):
            with pytest.raises((TypeError, ValueError)) as told:
                vector.reset(options={"reset_mask": mask})
            errors.append((told.type, str(told.value)))
        assert errors[0] == errors[1]


def test_actions_are_taken_as_gymnasium_takes_them():
    ours, theirs = pair()
    for vector in (ours, theirs):
        vector.reset(seed=1)
    for actions in (
        np.zeros((3, 3), int),
        np.float16([[0.1, 0.5, 0]] * 3),
        [np.array([0.1, 0.5, 0]), None, np.array([1, 0, 1])],
        (np.zeros(3), np.ones(3), np.zeros(4)),
        np.array([[0.1, np.inf, np.nan]] * 3),
    ):
        equal(ours.step(actions), theirs.step(actions))
    for actions in (np.zeros((3, 2)), [[0, 0, 0]] * 3, np.array([[0, np.nan, 0]] * 3), 5, None):
        before = ours.envs[0].t
        errors = []
        for vector in (ours, theirs):
            with pytest.raises(Exception) as told:
                vector.step(actions)
            errors.append(told.type)
        assert errors[0] is errors[1], errors
        assert ours.envs[0].t == before
    for actions in (np.zeros((4, 3)), np.zeros((2, 3))):
        with pytest.raises(ValueError):
            ours.step(actions)
    with pytest.raises(ValueError, match="If seeds are passed as a list the length must match num_envs=3 but got length=1"):
        ours.reset(seed=[1])


def test_a_step_before_the_reset_is_refused():
    ours = gymnasium.make_vec(ID, num_envs=2)
    with pytest.raises(AssertionError, match=r"^step: expected a reset\(\) before it$"):
        ours.step(np.zeros((2, 3)))


@pytest.mark.parametrize(
    "kwargs, message",
    [
        ({"num_envs": 0}, "num_envs: expected a whole number from 1 up, got 0"),
        ({"threads": 0}, "threads: expected a whole number from 1 up, got 0"),
        ({"max_episode_steps": 0}, "max_episode_steps: expected a whole number from 1 up, got 0"),
        ({"autoreset_mode": "sometimes"}, "'sometimes' is not a valid AutoresetMode"),
    ],
)
def test_wrong_options_are_told(kwargs, message):
    with pytest.raises(ValueError) as told:
        gymnasium.make_vec(ID, **kwargs)
    assert str(told.value) == message


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_do_not_depend_on_threads_nor_on_copying(threads):
    ours = gymnasium.make_vec(ID, num_envs=5, threads=threads)
    other = gymnasium.make_vec(ID, num_envs=5, copy=False)
    equal(ours.reset(seed=1), other.reset(seed=1))
    rng, last = np.random.default_rng(1), None
    for _ in range(20):
        results = ours.step(actions := batch(rng, 5)), other.step(actions)
        equal(*results)
        assert last is None or results[1][0] is last
        assert ours.step is not other.step and not np.shares_memory(results[0][0], results[1][0])
        last = results[1][0]


@pytest.mark.skipif(RELEASE < (1, 1), reason="wrappers of vectors as of Gymnasium 1.1")
def test_wrappers_of_vectors_work():
    from gymnasium.wrappers.vector import (
        ClipReward,
        FlattenObservation,
        NormalizeReward,
        RecordEpisodeStatistics,
        RescaleAction,
        TransformObservation,
    )

    envs = gymnasium.make_vec(ID, num_envs=4, max_episode_steps=10, lap_complete_percent=0.9)
    envs = RecordEpisodeStatistics(envs)
    envs = RescaleAction(envs, -1.0, 1.0)
    envs = NormalizeReward(ClipReward(envs, -5, 5))
    envs = FlattenObservation(envs)
    envs = TransformObservation(envs, lambda observations: observations[:, ::3])
    observations, _ = envs.reset(seed=3)
    assert observations.shape == (4, 96 * 96)
    for _ in range(10):
        *_, infos = envs.step(envs.action_space.sample())
    assert (infos["episode"]["l"] == 10).all()
    envs.close()


def test_async_and_sync_vectors_of_gymnasium_take_the_environment():
    for mode in ("sync", "async"):
        envs = gymnasium.make_vec(ID, num_envs=2, vectorization_mode=mode)
        observations, _ = envs.reset(seed=1)
        assert observations.shape == (2, 96, 96, 3)
        ours = gymnasium.make_vec(ID, num_envs=2)
        assert np.array_equal(ours.reset(seed=1)[0], observations)
        assert np.array_equal(ours.step(ours.action_space.sample() * 0)[0], envs.step(envs.action_space.sample() * 0)[0])
        envs.close()


def test_a_copy_goes_on_alike():
    ours = gymnasium.make_vec(ID, num_envs=3, max_episode_steps=9)
    ours.reset(seed=1)
    rng = np.random.default_rng(0)
    for _ in range(7):
        ours.step(batch(rng))
    other = pickle.loads(pickle.dumps(ours))
    for _ in range(8):
        equal(ours.step(actions := batch(rng)), other.step(actions))


def test_threads_go_with_their_vector():
    ours = gymnasium.make_vec(ID, num_envs=4, threads=3)
    ours.reset(seed=1)
    workers = [worker.thread for worker in ours._threads._workers]
    assert len(workers) == 2 and all(worker.is_alive() for worker in workers)
    gone = weakref.ref(ours)
    del ours
    gc.collect()
    assert gone() is None
    for worker in workers:
        worker.join(10)
        assert not worker.is_alive()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_goes_on_with_threads_of_its_own():
    ours = gymnasium.make_vec(ID, num_envs=4, threads=2)
    ours.reset(seed=1)
    actions = np.float32([[0.1, 0.5, 0]] * 4)
    child = os.fork()
    if child == 0:
        observations = ours.step(actions)[0]
        os._exit(0 if observations.any() and len(ours._threads._workers) == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert ours.step(actions)[0].any()


def test_an_error_in_one_job_is_raised_after_the_others_are_done():
    done = []

    def job(i):
        if i == 1:
            raise KeyError(i)
        done.append(i)

    threads = Threads(3)
    with pytest.raises(KeyError):
        threads.run(job, 6)
    assert sorted(done) == [0, 2, 3, 4, 5]
    threads.run(done.append, 3)
    assert len(done) == 8
