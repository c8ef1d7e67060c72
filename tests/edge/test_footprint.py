"""What a program does not use it does not load: an idle edge has to fit into a small box."""

import subprocess
import sys

import pytest

WEB = {"fastapi", "starlette", "uvicorn", "jinja2"}
SIGHT = {"cv2", "onnxruntime"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("edge.gate.program", WEB | SIGHT | {"httpx", "typer", "sqlalchemy"}),
        ("edge.courier.program", WEB | SIGHT | {"serial", "paho", "typer", "sqlalchemy"}),
        ("edge.desk.program", SIGHT | {"httpx", "serial", "paho", "typer", "sqlalchemy"}),
        ("edge.eyes.__main__", WEB | SIGHT | {"httpx", "typer", "sqlalchemy"}),
        ("edge.cli", WEB | SIGHT | {"serial", "paho", "sqlalchemy"}),
    ],
)
def test_what_a_program_does_not_use_stays_out(module: str, absent: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({absent!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
