"""Which programs a gate has."""

from pathlib import Path

import pytest

from edge.config_file import load
from edge.programs import PROGRAMS, programs_of
from tests.edge.test_config import GOOD

CAMERA = 'id = "camera-in"\nprotocol = "video"\nurl = "rtsp://camera-in/stream1"\nregion = [0.1, 0.3, 0.9, 1.0]\n'
REGISTRY = '[central]\nurl = "https://registry.lakeside.example"\nca_file = "ca.pem"\n'


@pytest.mark.parametrize(
    ("absent", "programs"),
    [
        ((), PROGRAMS),
        ((f"[[device]]\n{CAMERA}", 'cameras = ["camera-in"]\n'), ("gate", "desk", "courier")),
        ((REGISTRY,), ("gate", "eyes", "desk")),
    ],
)
def test_a_gate_runs_no_program_that_would_have_nothing_to_do(
    tmp_path: Path, absent: tuple[str, ...], programs: tuple[str, ...]
) -> None:
    path, toml = tmp_path / "gate.toml", GOOD
    for part in absent:
        assert part in toml
        toml = toml.replace(part, "")
    path.write_text(toml, encoding="utf-8")
    assert programs_of(load(path)) == programs
