"""docs/hosts/host.py, the host of docs/core.md: drives the committed laps with wasmtime, and must show Gymnasium's frames and rewards."""
import base64
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["driver-8", "offroad-5", "wild-3"])
def test_host(name):
    golden = json.loads((ROOT / "test/golden/episodes" / f"{name}.json").read_text())
    actions = np.frombuffer(base64.b64decode(golden["actions"]), np.float32).reshape(-1, 3).astype(float)
    rewards = np.frombuffer(base64.b64decode(golden["reward"]), np.float64)
    output = subprocess.run(
        [
            sys.executable,
            ROOT / "docs/hosts/host.py",
            ROOT / "env/car-racing/core/carracing.wasm",
            str(golden["seed"]),
            *(",".join(map(repr, action.tolist())) for action in actions),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    first, *steps = [line.split() for line in output.splitlines()]
    assert [first[0], *(step[0] for step in steps)] == golden["frame_sha256"]
    assert [float(step[1]) for step in steps] == rewards.tolist()
    assert steps[-1][2:] == [str(golden["terminated"]), "False"]
