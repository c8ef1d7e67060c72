"""Small disks that really fill up: a file system of its own in memory, as small as a test likes."""

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec

P = ParamSpec("P")


def mounting(test: Callable[P, None]) -> Callable[P, None]:
    """Run a test that mounts; where that is not permitted, once more in a namespace of its own, where it is."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if os.geteuid() == 0:
            test(*args, **kwargs)
            return
        name = os.environ["PYTEST_CURRENT_TEST"].partition(" ")[0]
        own = ["unshare", "--user", "--map-root-user", "--mount"]
        again = subprocess.run([*own, sys.executable, "-m", "pytest", "-q", name], capture_output=True, text=True, check=False)
        assert again.returncode == 0, again.stdout + again.stderr

    return run


@contextmanager
def small_disk(folder: Path, *, mib: int, inodes: int = 0) -> Iterator[None]:
    """Have a disk of that size at `folder`, with at most so many files (0: as many as fit)."""
    folder.mkdir(parents=True)
    options = f"size={mib}m,mode=700" + (f",nr_inodes={inodes}" if inodes else "")
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "gatehouse-test", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path: Path) -> None:
    """Write until nothing more goes on the disk."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            while True:
                try:
                    file.write(bytes(size))
                except OSError:
                    break
