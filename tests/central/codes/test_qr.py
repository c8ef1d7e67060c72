"""A code's picture: which QR code it is, how large it prints, what is refused."""

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from central.codes.qr import CodeTextError, as_png, as_svg, module_mm, symbol, width_mm

PASS = "GP1:" + "6BF-N 8E2 $%*+./:7" * 11  # 202 characters, as long as a pass mostly is


@pytest.mark.parametrize(
    ("length", "version", "module", "width"),
    [
        (1, 1, 0.875, 25.375),
        (60, 3, 0.75, 27.75),
        (190, 8, 0.5, 28.5),
        (221, 8, 0.5, 28.5),
        (222, 9, 0.5, 30.5),
        (484, 14, 0.5, 40.5),
        (600, 15, 0.5, 42.5),
    ],
)
def test_the_smallest_code_at_level_m_and_its_size_in_print(length: int, version: int, module: float, width: float) -> None:
    code = symbol("Z" * length)
    assert (code.version, code.error, code.mode) == (version, "M", "alphanumeric")
    assert (module_mm(code), width_mm(code)) == (module, width)
    assert width >= 25
    assert module >= 0.5


def test_digits_alone_stay_alphanumeric_and_small_codes_are_no_micro_codes() -> None:
    assert symbol("0123").mode == "alphanumeric"
    assert not symbol("0123").is_micro


@pytest.mark.parametrize(
    "text", ["", "gp1:abc", "GP1:访客", "GP1:A\n", "GP1:A_B", " GP1:A", "GP1:A ", " ", "A" * 601, "GP1:\x00"]
)
def test_what_no_reader_could_be_relied_on_to_read_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(CodeTextError) as refused:
        symbol(text)
    assert not text.strip() or text not in str(refused.value)


def test_the_svg_bears_its_millimetres_and_words_for_who_cannot_see_it() -> None:
    svg = as_svg(PASS, "Visitor pass <3>", "Hold it up to the reader & wait")
    root = ET.fromstring(svg)
    assert (root.get("width"), root.get("height")) == ("28.5mm", "28.5mm")
    names = {"svg": "http://www.w3.org/2000/svg"}
    assert root.findtext("svg:title", namespaces=names) == "Visitor pass <3>"
    assert root.findtext("svg:desc", namespaces=names) == "Hold it up to the reader & wait"
    assert set(re.findall(rb"#[0-9a-f]+", svg)) == {b"#fff", b"#000"}
    assert PASS.encode() not in svg
    with pytest.raises(CodeTextError):
        as_svg(PASS, f"Visitor pass {PASS}")


def test_the_png_is_black_and_white_with_a_quiet_zone_and_prints_as_large() -> None:
    with Image.open(BytesIO(as_png(PASS))) as opened:
        assert opened.mode == "1"
        assert opened.size == (57 * 12, 57 * 12)
        assert opened.width / opened.info["dpi"][0] * 25.4 == pytest.approx(28.5, rel=0.002)
        dark = opened.convert("L").point(lambda level: 255 - level)
        assert dark.getbbox() == (48, 48, 53 * 12, 53 * 12)
