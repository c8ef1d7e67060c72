"""Running a program so that every write, sync and word of its is written down in order (Linux, needs a C compiler)."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("recorder.c")
COMPILERS: Final = ("cc", "gcc", "clang")


class RecorderError(Exception):
    """Nothing can be recorded here; says what is missing."""


def build_recorder(folder: Path) -> Path:
    """Compile the recorder into `folder` and return its path. Raises RecorderError."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise RecorderError("a C compiler is missing: install gcc")
    library = folder / "recorder.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise RecorderError(f"the recorder cannot be compiled: {made.stderr}")
    return library


def recording_environment(library: Path, root: Path, log: Path) -> Mapping[str, str]:
    """Return what a program's environment needs so that its doings with the files under `root` (absolute) go to `log`."""
    return {"LD_PRELOAD": str(library), "POWERCUT_ROOT": str(root), "POWERCUT_LOG": str(log)}
