"""The environment in a program's life: snapshots, copies, processes, threads, Ctrl-C, many of them, and its cache."""

import copy
import gc
import multiprocessing
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time
import weakref

import gymnasium
import numpy as np
import pytest
import tritrack_gym
from test_core_env import ID, drive
from tritrack_gym import module

ACTIONS = [drive(np.random.default_rng(seed)) for seed in range(40)]


def begun(steps=20, **kwargs):
    env = gymnasium.make(ID, **kwargs)
    env.reset(seed=5)
    for action in ACTIONS[:steps]:
        env.step(action)
    return env


def same_future(one, other):
    """Both give the same bytes for the rest of this episode and in the next one."""
    for action in ACTIONS[20:]:
        results = one.step(action), other.step(action)
        assert np.array_equal(results[0][0], results[1][0]) and results[0][1:] == results[1][1:]
    assert np.array_equal(one.reset()[0], other.reset()[0])
    assert one.unwrapped.track == other.unwrapped.track


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
@pytest.mark.parametrize("kwargs", [{}, {"domain_randomize": True, "frame_skip": 2, "render_mode": "rgb_array"}])
def test_copies_go_on_alike(copied, kwargs):
    env = begun(**kwargs)
    other = copied(env)
    assert other.unwrapped is not env.unwrapped and other.unwrapped._core is not env.unwrapped._core
    assert np.array_equal(other.unwrapped.state, env.unwrapped.state)
    assert other.unwrapped.tile_visited_count == env.unwrapped.tile_visited_count
    same_future(env, other)


def test_copies_before_the_first_reset():
    env = gymnasium.make(ID, domain_randomize=True)
    other = pickle.loads(pickle.dumps(env))
    assert np.array_equal(env.unwrapped.bg_color, other.unwrapped.bg_color)
    assert np.array_equal(env.reset(seed=3)[0], other.reset(seed=3)[0])


def test_a_subclass_is_copied_with_what_it_added():
    env = Counting()
    env.reset(seed=1)
    env.step(ACTIONS[0])
    other = pickle.loads(pickle.dumps(env))
    assert type(other) is Counting and other.count == 1
    other.step(ACTIONS[1])
    assert (env.count, other.count) == (1, 2)


class Counting(tritrack_gym.CarRacing):
    """A user's own."""

    def __init__(self):
        super().__init__(continuous=True)
        self.count = 0

    def step(self, action):
        self.count += 1
        return super().step(action)


def test_a_snapshot_is_gone_back_to_here_and_elsewhere():
    env = begun().unwrapped
    kept, state = env.snapshot(), env.state
    reference = copy.deepcopy(env)
    for action in ACTIONS:
        env.step(action)
    env.reset(seed=77)
    assert np.array_equal(env.restore(kept), state)
    assert env.unwrapped.track == reference.track and env.prev_reward == reference.prev_reward
    other = gymnasium.make(ID).unwrapped
    other.restore(kept)
    same_future(copy.deepcopy(env), reference)
    same_future(env, other)


@pytest.mark.parametrize(
    "damaged",
    [None, 5, "text", b"", b"tritrack", b"x" * 70000, lambda kept: kept[:-1], lambda kept: kept[:5000] + b"!" + kept[5001:]],
)
def test_a_foreign_snapshot_is_refused_and_the_episode_goes_on(damaged):
    env = begun()
    reference = copy.deepcopy(env)
    snapshot = damaged(env.unwrapped.snapshot()) if callable(damaged) else damaged
    with pytest.raises(
        ValueError, match=r"^snapshot: expected what snapshot\(\) of this version of tritrack-gym returned, got .+$"
    ):
        env.unwrapped.restore(snapshot)
    same_future(env, reference)


def test_a_snapshot_before_the_first_reset_is_refused():
    with pytest.raises(AssertionError, match=r"^snapshot: expected a reset\(\) before it$"):
        gymnasium.make(ID).unwrapped.snapshot()


def _child(env, pipe):
    pipe.send(env.step(ACTIONS[20])[0])


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_process_takes_an_environment_with_it(method):
    context = multiprocessing.get_context(method)
    env = begun()
    here, there = context.Pipe()
    process = context.Process(target=_child, args=(env, there))
    process.start()
    assert here.poll(60)
    assert np.array_equal(here.recv(), env.step(ACTIONS[20])[0])
    process.join(10)
    assert process.exitcode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_goes_on_apart_from_its_parent():
    env = begun()
    reference = copy.deepcopy(env)
    child = os.fork()
    if child == 0:
        try:
            for action in ACTIONS[20:]:
                env.step(action)
            gymnasium.make(ID).reset(seed=1)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    same_future(env, reference)


def run(code, **environment):
    env = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)


def test_a_new_process_needs_no_more_than_gymnasium():
    done = run(f"import gymnasium; print(gymnasium.make({ID!r}).reset(seed=1)[0].sum())")
    assert int(done.stdout) > 0, done.stderr
    done = run(f"import tritrack_gym, gymnasium; print({ID!r} in gymnasium.registry)")
    assert done.stdout == "True\n", done.stderr


def test_only_what_is_needed_is_imported():
    done = run(
        f"import gymnasium, sys; env = gymnasium.make({ID!r}); env.reset(); env.step(env.action_space.sample());"
        "print([name for name in ('pygame', 'Box2D', 'websockets', 'torch') if name in sys.modules])"
    )
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals as of POSIX")
@pytest.mark.parametrize("maker", [f"gymnasium.make({ID!r})", f"gymnasium.make_vec({ID!r}, num_envs=4)"])
def test_ctrl_c_ends_a_loop_and_the_environment_goes_on(maker):
    code = f"""
import gymnasium, numpy as np
env = {maker}
env.reset(seed=1)
action = env.action_space.sample() * 0
for again in range(3):
    print("ready", flush=True)
    try:
        while True:
            env.step(action)
            if np.ndim(action) == 1: env.unwrapped.restore(env.unwrapped.snapshot())
    except KeyboardInterrupt:
        pass
    env.reset(seed=1)
print(env.step(action)[0].any())
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    for _ in range(3):
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "True\n" and process.returncode == 0


def test_an_environment_goes_with_its_last_reference():
    gc.disable()
    try:
        env = begun()
        gone = [weakref.ref(env.unwrapped), weakref.ref(env.unwrapped._core), weakref.ref(env.unwrapped._core._instance)]
        del env
        assert [one() for one in gone] == [None] * 3
    finally:
        gc.enable()


def resident():
    """Megabytes of memory that this process has."""
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory as Linux tells it")
def test_making_and_dropping_many_leaves_no_memory_behind():
    for _ in range(20):
        begun(2)
    before = resident()
    for _ in range(200):
        begun(2)
    assert resident() - before < 20


def test_a_thousand_at_once():
    envs = [gymnasium.make(ID) for _ in range(1000)]
    first = [env.reset(seed=seed)[0] for seed, env in enumerate(envs)]
    assert len({observation.tobytes() for observation in first}) > 990
    assert all(env.step(ACTIONS[0])[0].any() for env in envs)


def test_two_threads_take_turns_in_one_environment():
    env = gymnasium.make(ID).unwrapped
    env.reset(seed=1)
    threads = [threading.Thread(target=lambda: [env.step(ACTIONS[0]) for _ in range(200)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert env.t == pytest.approx(601 / 50)


CACHED = f"""
import gymnasium, wasmtime
compiled = []
original = wasmtime.Module.__init__
wasmtime.Module.__init__ = lambda self, *args: (compiled.append(1), original(self, *args))[1]
gymnasium.make({ID!r}).reset(seed=1)
print(len(compiled))
"""


def test_machine_code_is_kept_and_damage_does_no_harm(tmp_path):
    folder = tmp_path / "cache"
    assert [run(CACHED, TRITRACK_CACHE=str(folder)).stdout for _ in range(2)] == ["1\n", "0\n"]
    [file] = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    whole = file.read_bytes()
    for data in (b"", whole[:-1], whole[:500] + b"!" + whole[501:]):
        file.write_bytes(data)
        assert run(CACHED, TRITRACK_CACHE=str(folder)).stdout == "1\n"
        assert file.read_bytes() == whole
    assert run(CACHED, TRITRACK_CACHE="").stdout == "1\n"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions as of POSIX")
def test_a_folder_that_others_can_write_to_is_no_cache(tmp_path):
    tmp_path.chmod(0o777)
    assert [run(CACHED, TRITRACK_CACHE=str(tmp_path)).stdout for _ in range(2)] == ["1\n", "1\n"]
    assert list(tmp_path.iterdir()) == []


def test_another_wasmtime_is_called_by_its_public_names(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(module, "_call_unchecked", None)
        other = begun()
    env = begun()
    assert other.unwrapped._core._step._arguments is None
    same_future(env, other)


TRAPPING = """
from tritrack_gym import module
if {public}: module._call_unchecked = None
try: module.Instance("forward").function("forward")(2**31 - 1024, 0, 1, 0)  # records beyond the memory
except module.ModuleFailed as error: print(error)
"""


@pytest.mark.parametrize("public", [False, True])
def test_a_trap_is_told_whichever_way_it_was_called(public):
    # In a process of its own: pygame takes over the signals that Wasmtime sees traps by.
    done = run(TRAPPING.format(public=public))
    assert done.stdout == "forward trapped in WebAssembly; the environment cannot be used any more\n", done.stderr


def test_a_missing_module_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    monkeypatch.setattr(module, "_shared", module._Shared())
    with pytest.raises(module.ModuleFailed) as told:
        tritrack_gym.CarRacing()
    assert str(told.value) == f"{tmp_path / 'carracing.wasm'}: No such file or directory; reinstall tritrack-gym"
    (tmp_path / "carracing.wasm").write_bytes(b"no wasm")
    with pytest.raises(module.ModuleFailed, match=r"^carracing.wasm: Wasmtime [\d.]+ cannot compile it"):
        tritrack_gym.CarRacing()
