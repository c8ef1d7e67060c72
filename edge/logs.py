"""Structured logs: one JSON object a line on stderr, with program and passage; no names, plates, numbers or secrets."""

import logging
import sys
from typing import Any

import structlog

_INFO = logging.INFO


def configure(program: str) -> Any:
    """Set up logging for a program and return its logger."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    return structlog.get_logger().bind(program=program)
