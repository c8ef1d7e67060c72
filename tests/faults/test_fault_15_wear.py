"""Wear: what a passage costs the disk in bytes, commits, checkpoints and the courier's notes included."""

from pathlib import Path

import pytest

from bench.wear import BUDGET_BYTES, wear
from tests.sizes import sized

pytestmark = pytest.mark.programs


def test_fault_15_wear(tmp_path: Path) -> None:
    found = wear(tmp_path, sized(quick=17, soak=500))
    assert found.entries >= 5 * found.passages
    assert 0 < found.per_passage < BUDGET_BYTES
