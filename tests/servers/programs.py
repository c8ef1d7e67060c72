"""Where the system keeps the server programs; one that is missing fails the test and names its package."""

import os
import shutil

import pytest


def find_program(*names: str, package: str, folders: tuple[str, ...] = ()) -> str:
    """Return the path of the first of these programs that is installed, looking in PATH and then in `folders`."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", *folders))
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    pytest.fail(f"{names[0]} is not installed: run `make install`, or install the system package {package}")
