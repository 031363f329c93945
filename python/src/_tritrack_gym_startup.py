"""Registers tritrack's environment as soon as Gymnasium is imported; `tritrack_gym.pth` runs this when Python starts.

Gymnasium 1.x loads no plugins, so without it `gymnasium.make("tritrack/CarRacing-v3")` would need `import tritrack_gym` before
it, in every child process too. It must be quick: all it does at the start is to be put into `sys.meta_path`.
"""

import sys


class _WaitForGymnasium:
    """A finder that lets `gymnasium.envs` be loaded by the others, and registers afterwards."""

    def find_spec(self, name, path=None, target=None):
        if name != "gymnasium.envs":
            return None
        sys.meta_path.remove(self)
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        spec.loader = _RegisteringLoader(spec.loader)
        return spec


class _RegisteringLoader:
    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        module.__loader__ = module.__spec__.loader = self._loader
        from importlib import import_module

        registration = import_module("tritrack_gym.registration")
        # It has nothing yet where `import tritrack_gym` is what imported Gymnasium; it will register by itself then.
        if hasattr(registration, "register_envs"):
            registration.register_envs()


if "gymnasium" not in sys.modules:
    sys.meta_path.insert(0, _WaitForGymnasium())
