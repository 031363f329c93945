#!/usr/bin/env python3
"""What successive resets of Gymnasium's CarRacing-v3 draw from one generator: python make_resets.py > resets.json

One row per environment: seed (a string, since some exceed 2^53), domain_randomize, and for each reset, of which only
the first is given the seed: the options, n_tiles, n_polys, the sha256 of make_tracks.py, and the three colours.
"""
import hashlib, json, os
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
import numpy as np
from gymnasium.envs.box2d.car_racing import CarRacing


class Unseen(CarRacing):
    def _render(self, mode):
        return np.zeros((96, 96, 3), np.uint8)


def fingerprint(env, options):
    t = np.array([q[1:4] for q in env.track], np.float64).astype("<f4")
    return dict(options=options, n_tiles=len(t), n_polys=len(env.road_poly), sha256=hashlib.sha256(t.tobytes()).hexdigest(),
                colors=[[float(v) for v in c] for c in (env.road_color, env.bg_color, env.grass_color)])


rows = []
for seed in (0, 5, 2**32, 2**40 + 3, 2**64 + 1, 2**130 + 9):
    for randomize in (False, True):
        env, resets = Unseen(domain_randomize=randomize), []
        for k, options in enumerate([None, None, {"randomize": False}, {"randomize": True}, None]):
            env.reset(seed=seed if k == 0 else None, options=options)
            resets.append(fingerprint(env, options))
        rows.append(dict(seed=str(seed), domain_randomize=randomize, resets=resets))
print("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]")
