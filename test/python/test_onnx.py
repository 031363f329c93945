"""Networks exported to ONNX, in the real onnxruntime; and as safetensors, in the real safetensors."""

import gymnasium
import numpy as np
import onnx
import onnxruntime
import pytest
from conftest import tritrack
from safetensors import safe_open

NAMES = ["car-90", "car-0", "car-90-wide", "mnist-90", "mnist-0", "mnist-90-wide"]


@pytest.mark.parametrize("name", NAMES)
def test_sums_of_1000_pictures_are_equal(networks, name):
    onnx.checker.check_model(networks / f"{name}.onnx", full_check=True)
    is_car = name.startswith("car")
    session = onnxruntime.InferenceSession(networks / f"{name}.onnx")
    pictures = np.fromfile(networks / ("car.bin" if is_car else "mnist.bin"), np.uint8)
    pictures = pictures.reshape(-1, *((96, 96, 3) if is_car else (28, 28)))
    expected = np.fromfile(networks / f"{name}.sums.bin", np.int32).reshape(len(pictures), -1)
    sums, second = session.run(None, {session.get_inputs()[0].name: pictures})
    assert len(pictures) == 1000 and len(np.unique(expected)) > 100
    assert np.array_equal(sums, expected)
    if name.endswith("-wide"):
        assert np.abs(expected).max() > 2**24
    if not is_car:
        assert np.array_equal(second, expected.argmax(1))


def test_actions_of_1000_frames_are_equal(tmp_path, car_network, archives):
    tritrack("export", car_network, "--onnx", tmp_path / "car.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "car.onnx")
    frames = 0
    for archive in archives:
        drive = np.load(archive)
        actions = session.run(["action"], {"observation": drive["observations"][:-1]})[0]
        assert np.array_equal(actions, drive["actions"])
        frames += len(actions)
    assert frames >= 1000


def test_drives_the_same_lap_in_python(tmp_path, car_network):
    tritrack("export", car_network, "--onnx", tmp_path / "car.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "car.onnx")
    env = gymnasium.make("CarRacing-v3")
    observation, _ = env.reset(seed=20003)
    total, steps, over = 0.0, 0, False
    while not over:
        action = session.run(["action"], {"observation": observation[None]})[0][0]
        observation, reward, terminated, truncated, _ = env.step(action)
        total, steps, over = total + reward, steps + 1, terminated or truncated
    ours = tritrack("eval", car_network, "--seeds", 20003)
    assert [total] == ours["rewards"] and steps == ours["steps"] and ours["laps"] == 1


@pytest.mark.parametrize("name", NAMES)
def test_safetensors_opens(networks, name):
    with safe_open(networks / f"{name}.safetensors", "np") as file:
        assert file.metadata()["format"] == "tritrack-ternary"
        for layer in file.keys():
            assert file.get_tensor(layer).dtype == np.int8
            assert set(np.unique(file.get_tensor(layer))) <= {-1, 0, 1}
