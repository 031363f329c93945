"""Connections that are interrupted, forked, forgotten or idle, and servers that do not start."""

import gc
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time

import gymnasium
import numpy as np
import pytest
import tritrack_gym
from conftest import COMMAND, ROOT, serving
from tritrack_gym import message
from tritrack_gym.remote import server
from tritrack_gym.remote.connection import Connection

ID = "tritrack-remote/CarRacing-v3"


def python(code, **options):
    """Runs a program in a process of its own, whose standard output must be its last word."""
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def finished(process, seconds=60):
    out, errors = process.communicate(timeout=seconds)
    assert process.returncode == 0, errors
    return out


@pytest.fixture(scope="module")
def first_frame():
    theirs = gymnasium.make("CarRacing-v3")
    return theirs.reset(seed=1)[0]


def interrupted(call, after=0.3):
    """Ctrl-C while a call waits for its answer."""
    timer = threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        while True:
            call()
    timer.join()


@pytest.mark.parametrize("after", [0.05, 0.2, 0.35, 0.5, 0.7])
def test_after_an_interrupted_call_no_answer_is_taken_for_another(first_frame, after):
    """Every answer used to be one late: `reset(seed=1)` returned the picture of the step before."""
    env = gymnasium.make(ID)
    env.reset(seed=5)
    interrupted(lambda: env.reset(seed=7), after)
    observation, _ = env.reset(seed=1)
    assert np.array_equal(observation, first_frame)
    env.step(np.array([0, 1, 0]))
    env.close()


def test_an_interrupted_episode_is_lost_and_says_so():
    env = gymnasium.make(ID).unwrapped
    env.reset(seed=5)
    interrupted(lambda: env.reset(seed=7))
    for call in (lambda: env.step(np.zeros(3)), env.reset, env.render):
        if env._remote._connection.is_usable():
            pytest.skip("the interruption fell between two calls")
        with pytest.raises(tritrack_gym.ConnectionLost, match=r"interrupted.*reset\(seed=…\) begins a new one"):
            call()
    env.close()


def test_an_answer_to_another_call_ends_the_connection():
    connection = server.connect()
    connection._socket.send(message.encode({"id": 77, "call": "spaces", "env": 0}))
    with pytest.raises(message.ProtocolError, match="expected the answer 2, got 77"):
        connection.call("spaces", env=0)
    with pytest.raises(tritrack_gym.ConnectionLost):
        connection.call("spaces", env=0)


def test_an_action_that_cannot_be_sent_costs_nothing():
    connection = server.connect()
    with pytest.raises(TypeError, match="expected plain data and arrays, got object"):
        connection.call("spaces", env=object())
    assert connection.is_usable()
    connection.close()


@pytest.mark.skipif(os.name == "nt", reason="process groups")
def test_ctrl_c_of_a_terminal_leaves_the_private_server_alive():
    """Ctrl-C reaches the whole process group of a terminal; the server used to be in it."""
    program = python(
        """
        import gymnasium, tritrack_gym, time
        env = gymnasium.make("tritrack-remote/CarRacing-v3")
        env.reset(seed=1)
        try:
            print("ready", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            pass
        time.sleep(0.5)
        env.step(env.action_space.sample())
        print("stepped")
        """,
        start_new_session=True,
    )
    assert program.stdout.readline() == "ready\n"
    os.killpg(program.pid, signal.SIGINT)
    assert finished(program) == "stepped\n"


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_the_private_server_ends_with_its_program_however_that_ends():
    program = python(
        """
        from tritrack_gym.remote import server
        server.connect()
        [(process, *_)] = server._started.values()
        print(process.pid, flush=True)
        input()
        """,
        stdin=subprocess.PIPE,
    )
    pid = int(program.stdout.readline())
    program.kill()
    program.communicate()
    for _ in range(100):
        if not pathlib.Path(f"/proc/{pid}").exists() or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2]:
            return
        time.sleep(0.1)
    pytest.fail("the server outlived its program")


FORK = """
    import os, sys, gymnasium, numpy as np, tritrack_gym
    env = gymnasium.make("tritrack-remote/CarRacing-v3")
    theirs = gymnasium.make("CarRacing-v3")
    env.reset(seed=1), theirs.reset(seed=1)
    action = np.array([0.1, 1, 0])
    pid = os.fork()
    if pid == 0:
        try:
            env.step(action)
        except tritrack_gym.ConnectionLost as error:
            assert f"is that of process {os.getppid()}" in str(error) and "forked" in str(error), error
            if sys.argv[1] == "resets":
                observation, _ = env.reset(seed=2)
                assert np.array_equal(observation, theirs.reset(seed=2)[0])
            if sys.argv[1] == "closes":
                env.close()
            sys.exit(0)
        os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
    for _ in range(5):
        assert np.array_equal(env.step(action)[0], theirs.step(action)[0])
    print("same")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork")
@pytest.mark.parametrize("child", ["resets", "closes", "leaves"])
def test_a_fork_does_not_disturb_its_parent(child):
    """Both used to read from one socket, so that each got answers of the other."""
    command = [sys.executable, "-c", textwrap.dedent(FORK), child]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "same\n", done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork")
def test_the_private_server_ends_with_its_program_though_a_fork_of_it_lives():
    program = python(
        """
        import os, time
        from tritrack_gym.remote import server
        server.connect()
        [(process, *_)] = server._started.values()
        print(process.pid, flush=True)
        child = os.fork()
        if child == 0:
            time.sleep(20)
            os._exit(0)
        print(child, flush=True)
        """
    )
    pid, child = int(program.stdout.readline()), int(program.stdout.readline())
    program.wait(30)
    try:
        for _ in range(100):
            if not pathlib.Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.1)
        pytest.fail("the server outlived its program")
    finally:
        os.kill(child, signal.SIGKILL)
        program.communicate()


def test_the_private_server_takes_more_clients_than_strangers_get():
    """The 65th `make` used to fail with HTTP 503."""
    connections = [server.connect() for _ in range(70)]
    limits = connections[-1].welcome["limits"]
    assert limits["clients"] > 10**6 and limits["environments"] > 10**6 and limits["idleSeconds"] > 10**6
    for connection in connections:
        connection.close()


def shared_server(*options):
    """A server with strangers' limits, and its address."""
    command = [*COMMAND, "serve", "--port", "0", "--json", "--until-stdin-closes", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return process, server._address(process.stdout.readline())


@pytest.fixture
def small_server():
    process, url = shared_server("--max-clients", "2")
    yield url
    process.stdin.close()
    process.wait(10)


def test_environments_that_are_garbage_collected_or_fail_leave_their_places(small_server):
    kept = []
    for _ in range(6):
        env = gymnasium.make(ID, url=small_server).unwrapped
        env.reset(seed=1)
        del env
        gc.collect()
        with pytest.raises(tritrack_gym.RemoteError, match="takes no option") as failure:
            gymnasium.make(ID, url=small_server, wheels=5)
        kept.append(failure)  # with its traceback, which refers to the environment
        with pytest.raises(tritrack_gym.RemoteError):
            gymnasium.make_vec(ID, num_envs=2, url=small_server, wheels=5)


def test_an_idle_environment_stays(first_frame):
    """The private server used to let go of environments after an hour, and of stopped programs after a minute."""
    env = gymnasium.make(ID)
    env.reset(seed=3)
    process, *_ = server._started[tuple(COMMAND)]
    arguments = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes().decode().split("\0")
    assert float(arguments[arguments.index("--idle-timeout") + 1]) > 10**6
    # No timer of Node may overflow on it, which would end the connection at once.
    time.sleep(1)
    assert np.array_equal(env.reset(seed=1)[0], first_frame)
    env.close()


def test_the_two_ends_of_the_private_server_can_be_made_from_many_threads():
    frames = [None] * 4

    def drive(i):
        env = gymnasium.make(ID)
        frames[i] = env.reset(seed=1)[0]
        env.close()

    threads = [threading.Thread(target=drive, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(frame, frames[0]) for frame in frames)
    assert len(server._started) == 1


def refusal(command=None, **environment):
    """The whole message with which a program fails that makes an environment."""
    code = f"""
        import gymnasium, tritrack_gym
        try:
            gymnasium.make("tritrack-remote/CarRacing-v3", command={command!r})
        except tritrack_gym.ServerNotStarted as error:
            assert isinstance(error, gymnasium.error.DependencyNotInstalled)
            print(error)
    """
    kept = {key: value for key, value in os.environ.items() if key != "TRITRACK_COMMAND"}
    out, errors = python(code, env={**kept, **environment}).communicate(timeout=100)
    assert errors == ""
    [line] = out.splitlines()
    return line


INSTALL = "run `npm install tritrack`, or set TRITRACK_COMMAND to what starts it, such as `npx tritrack`"


def program(folder, name, script):
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_no_node_says_what_to_install(tmp_path):
    assert refusal(PATH=str(tmp_path)) == (
        "there is no tritrack to start: install Node.js 20.19 or newer (https://nodejs.org) and run `npm install "
        "tritrack`, or name a running server in TRITRACK_URL"
    )
    program(tmp_path, "npx", "exec node")
    assert refusal(PATH=str(tmp_path)) == (
        "`npx --no-install tritrack` started no server: there is no Node.js; install Node.js 20.19 or newer "
        "(https://nodejs.org)"
    )


def test_an_old_node_says_what_to_install(tmp_path):
    program(tmp_path, "node", 'test "$1" = --version && echo v16.20.2 || { echo "SyntaxError: with" >&2; exit 1; }')
    program(tmp_path, "tritrack", 'exec node main.js "$@"')
    assert refusal(PATH=f"{tmp_path}:/bin:/usr/bin") == (
        "`tritrack` started no server: Node.js is version 16.20.2; install Node.js 20.19 or newer (https://nodejs.org)"
    )


def test_a_missing_package_says_what_to_install(tmp_path):
    npx = shutil.which("npx")
    if not npx:
        pytest.skip("npx is not installed")
    code = "import gymnasium, tritrack_gym\ngymnasium.make('tritrack-remote/CarRacing-v3')"
    # `npm run -s` would make the npx below it silent too.
    kept = {key: value for key, value in os.environ.items() if key != "TRITRACK_COMMAND" and not key.startswith("npm_config_")}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=100)
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        "tritrack_gym.remote.connection.ServerNotStarted: `npx --no-install tritrack` started no server: npx finds no package "
        f"tritrack in {tmp_path} ("
    )
    assert last.endswith(f"; {INSTALL}")


@pytest.mark.parametrize(
    "command, why",
    [
        ("/nowhere/tritrack", "`/nowhere/tritrack` started no server: No such file or directory"),
        ("echo hello", "`echo hello` started no server: it wrote `hello serve --port 0 --json --until-stdin-closes"),
        ("false", "`false` started no server: it ended with code 1"),
        ("npx 'tritrack", "`npx 'tritrack` is no command (No closing quotation)"),
        ("cat", "`cat` started no server: it ended with code 1 (cat: "),
        ("sh -c 'while :; do echo y; done'", "started no server: it wrote `y` in place of an address"),
        ("sh -c 'printf \"\\033[31mError: red\\033[0m\\n\" >&2'", "it ended with code 0 (\\x1b[31mError: red\\x1b[0m)"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(command, why):
    for line in (refusal(TRITRACK_COMMAND=command), refusal(command)):
        assert why in line and line.endswith(f"; {INSTALL}")
        assert "\x1b" not in line and len(line) < 400


def test_limits_of_a_server_to_join_hold_and_are_told(small_server):
    connections = [Connection(small_server) for _ in range(2)]
    with pytest.raises(tritrack_gym.ConnectionLost, match="HTTP 503: this server takes 2 clients"):
        Connection(small_server)
    for connection in connections:
        connection.close()


def test_a_server_that_ends_is_told():
    with serving("LunarLander-v3") as url:
        connection = Connection(url)
        made = connection.call("make", environment="LunarLander-v3")
        connection.call("reset", env=made["env"], seed=hex(2**70))
    with pytest.raises(tritrack_gym.ConnectionLost, match="the server closed the connection"):
        connection.call("reset", env=made["env"], seed="1")
