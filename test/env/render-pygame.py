#!/usr/bin/env python3
"""Write render-pygame.json: what pygame-ce 2.5.8 draws for random primitives and every score, as sha256 digests.

    python render-pygame.py > render-pygame.json

render-primitives.test.ts makes the same primitives from the same generator and compares. The surface is 1000x800, as
CarRacing's; a digest is of its RGB bytes, row-major. Each picture has 12 shapes of one kind, over a grey of 64.
"""
import hashlib, json, os
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import numpy as np
import pygame
from pygame import gfxdraw

state = 1


def below(n):
    """Numerical Recipes' generator; its high bits, modulo n."""
    global state
    state = (state * 1664525 + 1013904223) % 2**32
    return (state >> 8) % n


def sha(surface):
    return hashlib.sha256(np.ascontiguousarray(pygame.surfarray.array3d(surface).transpose(1, 0, 2)).tobytes()).hexdigest()


def points(n):
    """Near one another or far, on the surface or beyond it."""
    size = [6, 60, 300, 3000][below(4)]
    x, y = below(1400) - 200, below(1200) - 200
    return [(x + below(2 * size) - size, y + below(2 * size) - size) for _ in range(n)]


def color():
    return (below(256), below(256), below(256))


def quad(surface):
    p, c = points(4), color()
    gfxdraw.aapolygon(surface, p, c)
    gfxdraw.filled_polygon(surface, p, c)


def polygon(surface):
    n = 4 + below(5)
    p, c = points(n), color()
    pygame.draw.polygon(surface, c, p)


def line(surface):
    p, c = points(2), color()
    pygame.draw.lines(surface, c, False, p, 2)


pygame.font.init()
font = pygame.font.Font(pygame.font.get_default_font(), 42)
out = {"pygame": pygame.__version__, "surfaces": {}, "scaled": []}
for draw in (quad, polygon, line):
    rows = out["surfaces"][draw.__name__] = []
    for k in range(40):
        surface = pygame.Surface((1000, 800))
        surface.fill((64, 64, 64))
        for _ in range(12):
            draw(surface)
        rows.append(sha(surface))
        if k < 4:
            out["scaled"] += [sha(pygame.transform.smoothscale(surface, size)) for size in ((96, 96), (600, 400))]
scores = hashlib.sha256()
for value in range(-9999, 10000):
    text = pygame.surfarray.array3d(font.render(f"{float(value):04.0f}", True, (255, 255, 255), (0, 0, 0)))
    scores.update(np.ascontiguousarray(text[:, :, 0].T).tobytes())
out["scores"] = scores.hexdigest()
print(json.dumps(out, indent=1))
