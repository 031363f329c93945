"""`python -m tritrack_gym.serve`: Gymnasium's environments, driven from TypeScript."""

import concurrent.futures
import contextlib
import json
import socket
import subprocess
import sys
import threading
import time

import gymnasium
import numpy as np
import pytest
import tritrack_gym
from conftest import node, serving, tritrack
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from tritrack_gym import message
from tritrack_gym.remote.connection import Connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


def test_a_network_earns_the_same_in_the_original(python_server, car_network):
    here = tritrack("eval", car_network, "--seeds", "20000")
    there = tritrack("eval", car_network, "--seeds", "20000", "--remote", python_server)
    assert there["rewards"] == here["rewards"]
    assert there["laps"] == here["laps"] and there["steps"] == here["steps"]


def test_other_environments(python_server):
    drive = node("lunar-lander.ts", python_server)
    env = gymnasium.make("LunarLander-v3", max_episode_steps=60)
    observation, _ = env.reset(seed=3)
    observations, rewards = [observation], []
    for step in range(60):
        observation, reward, _, truncated, _ = env.step(step % 4)
        observations.append(observation)
        rewards.append(float(reward))
    assert np.array_equal(np.array(drive["observations"], np.float32), np.array(observations))
    assert drive["rewards"] == rewards and drive["truncated"] == truncated
    assert "Action" in drive["refused"] or "invalid" in drive["refused"]
    assert drive["spaces"][1] == "Discrete(4)"


def test_only_named_environments_and_calls(python_server):
    connection = Connection(python_server)
    assert connection.welcome["environments"] == ["CarRacing-v3", "LunarLander-v3"]
    with pytest.raises(tritrack_gym.RemoteError, match="expected CarRacing-v3"):
        connection.call("make", environment="os:Environment-v0")
    with pytest.raises(tritrack_gym.RemoteError, match="no environment 5"):
        connection.call("step", env=5, action=0)
    with pytest.raises(tritrack_gym.RemoteError, match="expected the call"):
        connection.call("__class__", env=0)
    connection.close()


def test_garbage_harms_nobody(python_server):
    other = Lander(python_server)
    random = np.random.default_rng(1)
    for _ in range(30):
        with raw(python_server) as socket:
            socket.send(random.bytes(int(random.integers(0, 400))))
            assert b"error" in socket.recv(5)
            assert closing(socket) == 1002
    with raw(python_server) as socket:
        socket.send(message.encode({"id": 0, "call": "make", "environment": "LunarLander-v3"}))
        assert b'expected the call \\"hello\\" first' in socket.recv(5)
    with raw(python_server) as socket:
        socket.send(bytes(2**20 + 1))
        assert closing(socket) == 1009
    greeted = Connection(python_server)
    for _ in range(30):
        greeted._socket.send(random.bytes(int(random.integers(0, 400))))
        assert b"error" in greeted._socket.recv(5)
    greeted.close()
    other.step()
    other.close()


@pytest.fixture(scope="module")
def strict_server():
    """A server with strict limits that also offers environments which hang and crash."""
    ids = ["LunarLander-v3", "strange_envs:Endless-v0", "strange_envs:Crashing-v0"]
    limits = ["--max-clients", "3", "--max-envs", "2", "--max-message", "5000", "--call-timeout", "4", "--idle-timeout", "8"]
    with serving(*ids, *limits) as url:
        yield url


def test_limits_are_kept_and_told(strict_server):
    connection = Connection(strict_server)
    assert connection.welcome["limits"] == {
        "clients": 3, "environments": 2, "message_bytes": 5000, "seconds_per_call": 4, "idle_seconds": 8,
    }
    made = [connection.call("make", environment="LunarLander-v3")["env"] for _ in range(2)]
    with pytest.raises(tritrack_gym.RemoteError, match="at most 2 environments"):
        connection.call("make", environment="LunarLander-v3")
    connection.call("close", env=made[0])
    connection.call("make", environment="LunarLander-v3")
    with pytest.raises(tritrack_gym.ConnectionLost, match="1009"):
        connection.call("reset", env=made[1], options={"x": "x" * 6000})


def test_no_more_clients_than_the_limit_and_one_that_leaves_makes_room(strict_server):
    clients = [patiently(lambda: Connection(strict_server)) for _ in range(3)]
    with pytest.raises(tritrack_gym.ConnectionLost, match="takes 3 clients"):
        Connection(strict_server)
    for client in clients:
        client.close()
    patiently(lambda: Connection(strict_server)).close()


@pytest.mark.parametrize(
    "env_id, why", [("Endless-v0", "a call took longer than 4 seconds"), ("Crashing-v0", "process .* failed")]
)
def test_a_call_that_hangs_or_crashes_ends_its_client_alone(strict_server, env_id, why):
    other = patiently(lambda: Lander(strict_server))
    connection = Connection(strict_server)
    env = connection.call("make", environment=f"strange_envs:{env_id}")["env"]
    connection.call("reset", env=env)
    with concurrent.futures.ThreadPoolExecutor() as beside:
        stuck = beside.submit(connection.call, "step", env=env, action=0)
        for _ in range(20):
            other.step()
        with pytest.raises(tritrack_gym.ConnectionLost, match=why):
            stuck.result(20)
    other.step()
    other.close()


def test_who_is_idle_is_let_go(strict_server):
    connection = patiently(lambda: Connection(strict_server))
    assert closing(connection._socket) == 4000


def test_it_ends_at_once_though_a_call_hangs():
    with serving("strange_envs:Endless-v0") as url:
        connection = Connection(url)
        env = connection.call("make", environment="strange_envs:Endless-v0")["env"]
        connection.call("reset", env=env)
        stuck = threading.Thread(target=swallow, args=(lambda: connection.call("step", env=env, action=0),))
        stuck.start()
    stuck.join(10)  # and `serving` has waited for the server's end
    assert not stuck.is_alive()


def raw(url):
    return connect(url, compression=None, proxy=None)


def closing(socket):
    """The code with which the server closes the connection."""
    with pytest.raises(ConnectionClosed):
        while True:
            socket.recv(15)
    return socket.close_code


class Lander:
    """A client that is well, and steps an environment of its own."""

    def __init__(self, url):
        self._connection = Connection(url)
        self._env = self._connection.call("make", environment="LunarLander-v3", max_episode_steps=None)["env"]
        self._connection.call("reset", env=self._env, seed="1")

    def step(self):
        self._connection.call("step", env=self._env, action=1)

    def close(self):
        self._connection.close()


def swallow(call):
    with pytest.raises(tritrack_gym.ConnectionLost):
        call()


def patiently(connecting):
    """The places of clients that have just gone are free in a moment."""
    for _ in range(100):
        try:
            return connecting()
        except tritrack_gym.ConnectionLost:
            time.sleep(0.1)
    return connecting()


KINDS = [
    {"dtype": "int64", "shape": [3], "low": -5, "high": 2**40},
    {"dtype": "int64", "shape": [], "low": -3, "high": 9},
    {"dtype": "uint64", "shape": [2, 2], "low": 0, "high": 2**50},
    {"dtype": "uint64", "shape": [], "low": 0, "high": 5},
    {"dtype": "bool", "shape": [4], "low": 0, "high": 1},
    {"dtype": "bool", "shape": [], "low": 0, "high": 1},
    {"dtype": "float32", "shape": [], "low": -1, "high": 1},
    {"dtype": "float64", "shape": [], "low": -1, "high": 1},
    {"dtype": "float16", "shape": [2], "low": -1, "high": 1},
    {"dtype": "uint8", "shape": [], "low": 0, "high": 255},
    {"dtype": "int32", "shape": [1], "low": -7, "high": 7},
]


def test_boxes_of_every_kind_cross_the_bridge():
    """Boxes of int64, uint64, bool and of shape () used to fail, and an info of 2**70 ended the episode."""
    with serving("strange_envs:Echo-v0", "strange_envs:Mixed-v0") as url:
        *driven, mixed = node("boxes.ts", url, json.dumps([*KINDS, {"id": "strange_envs:Mixed-v0"}]))
    for kind, result in zip(KINDS, driven, strict=True):
        space = gymnasium.spaces.Box(kind["low"], kind["high"], kind["shape"], np.dtype(kind["dtype"]).type)
        carried = space if kind["dtype"] != "float16" else gymnasium.spaces.Box(-1, 1, (2,), np.float32)
        assert result["space"] == str(carried)
        first = 1 if kind["dtype"] == "float16" else 0  # the first, a float32, is rounded there
        assert result["contains"] and result["echoes"][first:] == result["actions"][first:]
        space.seed(7)
        name, *values = result["actions"][0]
        assert name.startswith("Big") == (kind["dtype"] in ("int64", "uint64"))
        if kind["dtype"] != "float16":  # sampled as float32
            sampled = [int(value[:-1]) if isinstance(value, str) else value for value in values]
            assert np.array_equal(np.array(sampled, space.dtype).reshape(space.shape), space.sample())
        assert result["info"] == {
            "huge": f"{2**70}n", "negative": f"-{2**70}n", "unsigned": f"{2**63}n", "signed": f"-{2**63}n",
            "safe": f"{2**53}n", "small": 7, "flag": True, "numpy flag": True, "nan": "NaN",
            "half": ["Float32Array", 0.5, 1], "scalar": 3, "list": [f"{2**70}n", {"deep": f"{2**64}n"}],
        }  # fmt: skip
    assert mixed["echoes"] == mixed["actions"] and mixed["contains"]
    assert mixed["first"][1]["count"] == ["BigUint64Array", f"{2**64 - 1}n"]
    assert mixed["first"][0] == ["Float32Array", 0.5] and mixed["first"][1]["flags"] == ["Uint8Array", 0, 0, 0]


@pytest.mark.parametrize("mode", AutoresetMode, ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("env_id", ["CartPole-v1", "LunarLander-v3"])
def test_vectors_are_gymnasiums(vector_server, env_id, mode):
    """The server used to refuse them."""
    name = {"NextStep": "next-step", "SameStep": "same-step", "Disabled": "disabled"}[mode.value]
    driven = node("vector.ts", vector_server, env_id, name)
    envs = SyncVectorEnv([lambda: gymnasium.make(env_id, max_episode_steps=25)] * 3, autoreset_mode=mode)
    results = iter(driven["results"])

    def same_reset(seed, options=None):
        observations, _ = envs.reset(seed=seed, options=options)
        assert next(results) == {"observations": observations.ravel().tolist(), "infos": [{}, {}, {}]}

    same_reset([3, 2**64, 5])
    endings = 0
    for step in range(60):
        observations, rewards, terminations, truncations, infos = envs.step(np.array([(step + i) % 2 for i in range(3)]))
        result = next(results)
        assert result["observations"] == observations.ravel().tolist()
        assert result["rewards"] == rewards.tolist()
        assert (result["terminations"], result["truncations"]) == (terminations.tolist(), truncations.tolist())
        for i, info in enumerate(result["infos"]):
            ended = "final_obs" in infos and infos["_final_obs"][i]
            assert info == ({"finalObs": infos["final_obs"][i].tolist(), "finalInfo": {}} if ended else {})
        over = terminations | truncations
        endings += over.sum()
        if mode == AutoresetMode.DISABLED and over.any():
            same_reset(step, {"reset_mask": over})
    assert endings > 3


@pytest.fixture(scope="module")
def vector_server():
    with serving("CartPole-v1", "LunarLander-v3", "CarRacing-v3", "strange_envs:Echo-v0", "FrozenLake-v1") as url:
        yield url


def test_a_vector_of_the_original_drives_as_one_of_tritracks(vector_server):
    connection = Connection(vector_server)
    theirs = gymnasium.make_vec("tritrack-remote/CarRacing-v3", num_envs=2)
    ours = gymnasium.make_vec("tritrack-remote/CarRacing-v3", num_envs=2, url=vector_server)
    for envs in (theirs, ours):
        envs.reset(seed=5)
    for actions in (np.array([[0.1, 1, 0], [0, 1, 0]]), [None, np.array([0.2, 0.3, 0])], np.array([[0, 0, 1], [0, 1, 0]])):
        for here, there in zip(ours.step(actions), theirs.step(actions), strict=True):
            assert here == there if isinstance(here, dict) else np.array_equal(here, there)
    ours.close()
    connection.close()


def test_vectors_count_their_environments_and_refuse_what_they_do_not_carry(vector_server):
    connection = Connection(vector_server)
    cart = {"environment": "CartPole-v1"}
    for fields, why in (
        ({**cart, "num_envs": 17}, "at most 16 environments of one client, got 17"),
        ({**cart, "num_envs": 0}, "num_envs to be a whole number from 1 up, got 0"),
        ({**cart, "num_envs": 2, "autoreset_mode": "never"}, "autoreset_mode next-step, same-step, disabled, got 'never'"),
        ({"environment": "FrozenLake-v1", "num_envs": 2}, r"Box observations for a vector, got Discrete\(16\)"),
    ):
        with pytest.raises(tritrack_gym.RemoteError, match=why):
            connection.call("make", **fields)
    env = connection.call("make", num_envs=16, **cart)["env"]
    with pytest.raises(tritrack_gym.RemoteError, match="no pictures"):
        connection.call("render", env=env)
    connection.call("close", env=env)
    infos = connection.call("make", environment="strange_envs:Echo-v0", num_envs=2, kwargs={"shape": [1]})["env"]
    connection.call("reset", env=infos, seed=[1, None])
    answer = connection.call("step", env=infos, actions=np.array([[0.5], [1]], np.float32))
    assert [info["scalar"] for info in answer["infos"]] == [3, 3]
    assert [info["huge"] for info in answer["infos"]] == [2**70, 2**70]
    connection.close()


def http_answer(url, **headers):
    """Status line, headers and body of a plain or an upgrading request."""
    host, port = url.removeprefix("ws://").split(":")
    with socket.create_connection((host, int(port))) as plain:
        lines = {"Host": f"{host}:{port}", "Connection": "Upgrade", "Upgrade": "websocket",
                 "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers}  # fmt: skip
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        plain.sendall(f"GET / HTTP/1.1\r\n{text}\r\n".encode())
        plain.settimeout(5)
        head = plain.recv(65536).decode()
    return head


@pytest.mark.parametrize(
    "headers, status",
    [({}, "101"), ({"Origin": "http://evil.example"}, "403"), ({"Host": "evil.example"}, "403"), ({"Upgrade": "none"}, "426")],
    ids=str,
)
def test_http_answers_may_be_framed_nowhere_and_foreign_pages_are_refused(python_server, headers, status):
    head = http_answer(python_server, **headers)
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert "nosniff" in head and "frame-ancestors 'none'" in head


def test_pending_connections_are_bounded():
    """Each of them has a thread of the server, so that a thousand silent ones would have cost it a gigabyte."""
    with serving("CartPole-v1", "--max-clients", "1") as url:
        host, port = url.removeprefix("ws://").split(":")
        silent = [socket.create_connection((host, int(port))) for _ in range(80)]
        time.sleep(1)
        gone = 0
        for plain in silent:
            plain.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                gone += plain.recv(1) == b""
        assert gone == 80 - 65
        for plain in silent:
            plain.close()
        patiently(lambda: Connection(url)).close()


def test_a_port_that_is_taken_is_told(python_server):
    port = python_server.rsplit(":")[-1]
    command = [sys.executable, "-m", "tritrack_gym.serve", "CartPole-v1", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(f"error: cannot listen on 127.0.0.1 port {port}: the port is taken")
