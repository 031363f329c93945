"""Actions as Gymnasium's CarRacing takes and refuses them, and options of ours.

Conversions of actions are those of `CarRacing.step` of Gymnasium: a list is refused because it has no `astype`, numbers of every type
are taken, and so are infinite ones.
"""

import numpy as np
from gymnasium.error import InvalidAction


def as_controls(action):
    """Steer, gas and brake of an action, by the conversions of Gymnasium's `CarRacing.step`.

    Returns
    -------
    sequence of 3 float

    Raises
    ------
    AttributeError, IndexError, TypeError, ValueError
        What Gymnasium raises for such an action.
    """
    if type(action) is np.ndarray and action.shape == (3,) and action.dtype.kind in "fiub":
        controls = action
    else:
        action = action.astype(np.float64)
        controls = [-action[0], action[1], action[2]]
        if action.ndim > 1:
            kind = TypeError if np.size(controls[0]) == 1 else ValueError
            raise kind(f"action: expected three numbers, got an array of shape {action.shape}")
        controls[0] = action[0]
    if controls[1] != controls[1]:
        # Gymnasium's words: it fails where it draws a car that is nowhere.
        raise ValueError("cannot convert float NaN to integer: gas is NaN")
    return controls


def as_choice(space, action):
    """The number of a discrete action. Raises gymnasium.error.InvalidAction as Gymnasium's `CarRacing.step` does."""
    if not space.contains(action):
        raise InvalidAction(f"you passed the invalid action `{action}`. The supported action_space is `{space}`")
    return int(action)


def number(name, value):
    """Returns an option as a float. Raises ValueError where it is no number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected a number, got {value!r:.80}") from None


def whole(name, value, most):
    """Returns an option as an int from 1 to `most`. Raises ValueError where it is none."""
    try:
        if int(value) == value and 1 <= value <= most:
            return int(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name}: expected a whole number from 1 to {most}, got {value!r:.80}")


def one_of(name, value, values):
    """Returns an option that is one of some words. Raises ValueError where it is another one."""
    if isinstance(value, str) and value in values:
        return value
    raise ValueError(f"{name}: expected one of {', '.join(values)}, got {value!r:.80}")
