"""Puts `tritrack_gym.pth` beside the packages, which pyproject.toml cannot say. What it does: src/_tritrack_gym_startup.py."""

import os

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithStartup(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            self.copy_file("src/tritrack_gym.pth", os.path.join(self.build_lib, "tritrack_gym.pth"))

    def get_outputs(self, *args, **kwargs):
        return [*super().get_outputs(*args, **kwargs), os.path.join(self.build_lib, "tritrack_gym.pth")]


setup(cmdclass={"build_py": BuildWithStartup})
