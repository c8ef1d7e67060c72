"""What a program does not use it does not load: an idle edge has to fit into a small box."""

import subprocess
import sys

import pytest

WEB = {"fastapi", "starlette", "uvicorn", "jinja2"}
SIGHT = {"cv2", "numpy", "onnxruntime", "pandas"}
TERMINAL = {"rich", "typer"}
DEVICES = {"serial", "paho"}
BIG = {"asyncio", "cryptography", "pydantic"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("edge.gate.program", WEB | SIGHT | TERMINAL | {"httpx", "sqlalchemy"}),
        ("edge.courier.program", WEB | SIGHT | DEVICES | {"typer", "sqlalchemy"}),
        ("edge.desk.program", SIGHT | TERMINAL | DEVICES | {"httpx", "sqlalchemy"}),
        ("edge.eyes.__main__", WEB | SIGHT | TERMINAL | DEVICES | {"httpx", "sqlalchemy"}),
        ("edge.supervisor", WEB | SIGHT | TERMINAL | DEVICES | BIG | {"httpx", "sqlite3", "sqlalchemy"}),
        ("edge.cli", WEB | SIGHT | DEVICES | {"sqlalchemy"}),
    ],
)
def test_what_a_program_does_not_use_stays_out(module: str, absent: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({absent!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
