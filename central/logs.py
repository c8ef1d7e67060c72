"""Structured logs: one JSON object a line on standard error, no secrets, no names.

Of an error only its kind and its place are told: its text may repeat what somebody sent, or a row of the database. The one
exception is a database that is away, full or busy (`database_fault`).
"""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from typing_extensions import override

FRAMES_MAX = 20
_ROOT = Path(__file__).parents[1]


def configure_logs() -> None:
    """Write our own events as JSON lines, and of the libraries only what went wrong."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_texts,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OfLibraries())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def place_of(error: BaseException) -> list[str]:
    """Tell what an error is, and what it was raised of, each with the places that it came through, innermost first."""
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < FRAMES_MAX:
        told.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        frames = traceback.extract_tb(cause.__traceback__)
        told += [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
        cause = cause.__cause__ or cause.__context__
    return told[:FRAMES_MAX]


def database_fault(error: SQLAlchemyError) -> dict[str, str]:
    """Tell of an error of the database its kind and code; in words only what says nothing of rows: it is away, full or busy."""
    cause = error.__cause__ or error
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""
    fault = {"error": type(cause).__name__, "code": str(code)}
    if isinstance(error, OperationalError | InterfaceError):
        primary = getattr(getattr(cause, "diag", None), "message_primary", None)
        fault["words"] = str(primary or cause).partition("\n")[0][:200]
    return fault


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else "/".join(path.parts[-2:])


def _without_texts(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tell the place of the error that is being handled, where an event was logged with it."""
    if event.pop("exc_info", None) and (error := sys.exception()) is not None:
        event["fault"] = place_of(error)
    return event


class _OfLibraries(logging.Formatter):
    """What libraries have logged, in the same form."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {"level": record.levelname.lower(), "event": f"{record.name}: {record.getMessage().strip()}"}
        if record.exc_info and record.exc_info[1] is not None:
            told["fault"] = place_of(record.exc_info[1])
        return json.dumps(told, ensure_ascii=False)
