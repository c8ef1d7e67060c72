"""A disk that fails or stalls, for one process: compiled here, preloaded there."""

import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_suffix(".c")


def build_bad_disk(folder: Path) -> Path:
    """Compile it into `folder`; returns what LD_PRELOAD is to name. Needs the system's C compiler."""
    library = folder / "bad_disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, _SOURCE, "-ldl"], check=True)
    return library
