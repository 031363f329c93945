"""Registers `tritrack/CarRacing-v3` in Gymnasium, and `tritrack-remote/CarRacing-v3`, the one in a server of tritrack in Node.

Importing `tritrack_gym` does it. So that `import gymnasium` is enough, in child processes too, the wheel also has
`tritrack_gym.pth`, which Python runs as it starts: it loads `_tritrack_gym_startup`, which waits for Gymnasium to be
imported. Gymnasium 1.0 to 1.4 look for no entry points.
"""

from gymnasium.envs import registration

ENV_ID = "tritrack/CarRacing-v3"
REMOTE_ID = "tritrack-remote/CarRacing-v3"
#: Gymnasium's own, of CarRacing-v3.
MAX_EPISODE_STEPS = 1000
REWARD_THRESHOLD = 900


def register_envs():
    """Registers the environments with Gymnasium's own time limit and threshold, unless they are registered already."""
    if ENV_ID in registration.registry:
        return
    shared = {"max_episode_steps": MAX_EPISODE_STEPS, "reward_threshold": REWARD_THRESHOLD}
    registration.register(
        id=ENV_ID,
        entry_point="tritrack_gym.car_racing:CarRacing",
        vector_entry_point="tritrack_gym.car_racing_vector:CarRacingVectorEnv",
        **shared,
    )
    registration.register(
        id=REMOTE_ID,
        entry_point="tritrack_gym.remote:RemoteEnv",
        vector_entry_point="tritrack_gym.remote:RemoteVectorEnv",
        kwargs={"env_id": "CarRacing-v3"},
        **shared,
    )
