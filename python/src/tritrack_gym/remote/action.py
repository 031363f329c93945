"""Actions as the bridge sends them.

CarRacing's go through the conversions of Gymnasium's own `CarRacing.step`, so that it accepts and refuses the same: a
list is refused because it has no `astype`, an int64 array is taken, `None` keeps the controls of the last step.
"""

import gymnasium.error
import numpy as np
from gymnasium import spaces

from ..message import DTYPES

#: Beyond it steering and brake do not change any more; infinity, which Gymnasium takes, is sent as this.
MOST = 1e300
CONTROLS = 3


def to_wire(env_id: str, space: spaces.Space, action):
    """A single environment's action as messages carry it.

    Raises:
        what `gymnasium.envs.box2d.CarRacing.step` raises for the action, with env_id "CarRacing-v3"
    """
    if env_id != "CarRacing-v3":
        return _general(space, action)
    if action is None:
        return None
    return _controls(action) if isinstance(space, spaces.Box) else _choice(space, action)


def rows_to_wire(env_id: str, space: spaces.Space, rows, ended):
    """The actions of a vector as messages carry them: an array, or a list where there is a `None` among them.

    Args:
        space: action space of one environment
        rows: actions, one for each environment
        ended: environments whose next step resets them and ignores their action, booleans
    """
    if env_id != "CarRacing-v3":
        is_plain = isinstance(rows, np.ndarray) and rows.dtype.name in DTYPES
        return rows if is_plain else [to_wire(env_id, space, row) for row in rows]
    ignored = np.zeros(CONTROLS) if isinstance(space, spaces.Box) else 0
    if isinstance(space, spaces.Box) and _is_table(rows):
        table = _bounded(rows[:, :CONTROLS].astype(np.float64))
        if ended.any():
            table[ended] = ignored
        return table
    rows = [ignored if over else to_wire(env_id, space, row) for row, over in zip(rows, ended)]
    return rows if any(row is None for row in rows) else np.array(rows)


def _is_table(rows):
    return isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.shape[1] >= CONTROLS and rows.dtype.kind in "fiub"


def _controls(action):
    """Steer, gas and brake in float64, by the conversions of `CarRacing.step`; numbers after them are ignored."""
    action = action.astype(np.float64)
    if action.ndim == 1 and action.size >= CONTROLS:
        return _bounded(action[:CONTROLS])
    # CarRacing raises the error of the first missing number, so this does too.
    shape, controls = action.shape, (action[0], action[1], action[2])
    fails = TypeError if controls[0].size == 1 else ValueError
    raise fails(f"action: expected three numbers, got an array of shape {shape}")


def _bounded(numbers):
    """The same numbers with infinity replaced, which messages carry but the server refuses."""
    return numbers if np.isfinite(numbers).all() else np.clip(numbers, -MOST, MOST)


def _choice(space, action):
    if not space.contains(action):
        raise gymnasium.error.InvalidAction(
            f"you passed the invalid action `{action}`. The supported action_space is `{space}`"
        )
    return int(action)


def _general(space, action):
    """An action of an environment that the bridge knows by its spaces alone."""
    if isinstance(space, spaces.Discrete) and isinstance(action, (bool, np.bool_, np.ndarray)) and np.ndim(action) == 0:
        return int(action) if np.asarray(action).dtype.kind in "iub" else action
    if isinstance(space, (spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)) and action is not None:
        array = np.asarray(action)
        return array if array.dtype.name in DTYPES else array.astype(space.dtype)
    if isinstance(space, spaces.Tuple) and isinstance(action, (tuple, list)) and len(action) == len(space.spaces):
        return [_general(part, item) for part, item in zip(space.spaces, action)]
    if isinstance(space, spaces.Dict) and isinstance(action, dict):
        return {key: _general(space[key], item) if key in space.spaces else item for key, item in action.items()}
    return action
