"""What else an edge is doing while it is measured: nothing, or cameras, booth and sync all busy."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.config import GateConfig


class Load:
    """Idle: the four programs run, nothing happens."""

    central_toml = ""
    cameras_toml = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def named(name: str, folder: Path) -> "Load":
        """Return the load of that name; `KeyError` where there is none."""
        return {"idle": Load}[name](folder)

    def __enter__(self) -> Self:
        """Start what must be there before the gate."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop it."""

    def attach(self, config_path: Path, config: GateConfig) -> None:
        """Prepare a gate that is laid out and not yet running."""

    @contextlib.contextmanager
    def running(self, config: GateConfig) -> Iterator[None]:
        """Keep a running gate busy."""
        del config
        yield
