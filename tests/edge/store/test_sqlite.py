"""A store's database costs no NumPy and asks no plug-in, which both may be installed."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from contextlib import closing
from pathlib import Path
from edge.store.database import open_writer
from edge.store.migrations import bring_up
with closing(open_writer(Path(sys.argv[1]))) as db:
    bring_up(db)
print(*sorted({"a_plugin", "numpy", "pandas"} & sys.modules.keys()))
import cv2
print(*sorted({"a_plugin", "numpy", "pandas"} & sys.modules.keys()))
"""


def test_neither_numpy_nor_plugins_are_loaded_and_numpy_can_be_later(tmp_path: Path) -> None:
    about = tmp_path / "a_plugin-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: a-plugin\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[sqlite_utils]\na_plugin = a_plugin\n")
    (tmp_path / "a_plugin.py").write_text("")
    found = os.pathsep.join([str(tmp_path), *sys.path])
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path / "journal.db")]
    done = subprocess.run(arguments, env={"PYTHONPATH": found}, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["", "numpy"]
