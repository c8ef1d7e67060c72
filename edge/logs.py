"""Structured logs: one JSON object a line on stderr, with its program; no names, plates, numbers or secrets."""

import contextlib
import json
import sys
import traceback
from datetime import UTC, datetime


class Log:
    """Writes what happens in one program, an event with its fields a line; any thread may."""

    def __init__(self, program: str) -> None:
        self._program = program

    def info(self, event: str, **fields: object) -> None:
        """Say what goes as it should."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Say what a person may want to know of."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Say what went wrong."""
        self._write("error", event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """Say what went wrong unforeseen, with the traceback of the exception at hand."""
        self._write("error", event, {**fields, "exception": traceback.format_exc()})

    def critical(self, event: str, **fields: object) -> None:
        """Say why the program ends."""
        self._write("critical", event, fields)

    def _write(self, level: str, event: str, fields: dict[str, object]) -> None:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = {"program": self._program, **fields, "event": event, "level": level, "timestamp": at}
        with contextlib.suppress(OSError):  # a disk that is full of logs stops no gate
            sys.stderr.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
