"""`python -m tritrack_gym.serve`: Gymnasium's environments, driven from TypeScript."""

import gymnasium
import numpy as np
import pytest
import tritrack_gym
from conftest import node, tritrack
from tritrack_gym.connection import Connection


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
    from websockets.sync.client import connect

    other = Connection(python_server)
    made = other.call("make", environment="LunarLander-v3")
    other.call("reset", env=made["env"], seed="1")
    random = np.random.default_rng(1)
    for _ in range(30):
        with connect(python_server, compression=None, proxy=None) as socket:
            socket.send(random.bytes(int(random.integers(0, 400))))
            assert b"error" in socket.recv(5)
    other.call("step", env=made["env"], action=1)
    other.close()
