"""The plan of a site: any picture becomes a JPEG of ours or is refused; gates, lanes and posts are placed on it."""

import struct
import zlib
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image, PngImagePlugin

from central import images
from central.errors import RegistryError
from central.images import PIXELS_MAX, as_jpeg

SECRET = b"S3cr3t"


def drawn(size: tuple[int, int] = (64, 48), kind: str = "JPEG", mode: str = "RGB", **how: Any) -> bytes:
    file = BytesIO()
    Image.new(mode, size).save(file, kind, **how)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    found = Image.open(BytesIO(data), formats=("JPEG",))
    found.load()
    return found


# --- what becomes of a picture -------------------------------------------------------------------


def test_whatever_mode_it_has_it_becomes_a_plain_jpeg() -> None:
    modes = {"JPEG": ("L", "RGB", "CMYK"), "PNG": ("1", "L", "P", "LA", "RGB", "RGBA")}
    for kind, mode in [(kind, mode) for kind, those in modes.items() for mode in those]:
        kept = as_jpeg(drawn(kind=kind, mode=mode), 3000)
        assert (kept.width, kept.height, opened(kept.data).mode) == (64, 48, "RGB"), (kind, mode)
    clear = opened(as_jpeg(drawn(kind="PNG", mode="RGBA"), 3000).data)
    assert clear.getpixel((0, 0)) == (255, 255, 255), "what can be seen through is white"


def test_a_large_one_is_made_smaller_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    kept = as_jpeg(drawn((400, 100), exif=exif), 200)
    assert (kept.width, kept.height) == (50, 200)


def test_nothing_is_left_of_what_it_said_of_itself() -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    for sent in (drawn(exif=exif, comment=SECRET), drawn(kind="PNG", pnginfo=text), drawn() + SECRET):
        assert SECRET in sent
        assert SECRET not in as_jpeg(sent, 3000).data
    assert set(opened(as_jpeg(drawn(exif=exif), 3000).data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_is_no_picture_of_these_types_is_refused() -> None:
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    whole = drawn((640, 480), quality=95)
    hostile = {
        "nothing": b"",
        "text": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "another type": drawn(kind="GIF", mode="P"),
        "TIFF": drawn(kind="TIFF"),
        "half a JPEG": whole[: len(whole) // 2],
        "half a PNG": drawn(kind="PNG")[:-30],
        "16 bits": drawn(kind="PNG", mode="I;16"),
        "a bomb": bomb(PIXELS_MAX, 2),
        "a bomb that Pillow would warn of": bomb(10_000, 9_500),
        "a bomb that Pillow refuses": bomb(60_000, 60_000),
        "a size that its data does not fill": bomb(3000, 3000),
        "thousands of scans": whole[:-2] + scan * 5000 + whole[-2:],
    }
    for what, data in hostile.items():
        with pytest.raises(RegistryError) as refused:
            as_jpeg(data, 3000)
        assert (refused.value.status_code, refused.value.field) == (422, "body"), what
    assert as_jpeg(drawn(progressive=True), 3000).width == 64


def test_one_picture_is_read_at_a_time() -> None:
    with images._decoding, pytest.raises(RegistryError) as refused:
        as_jpeg(drawn(), 3000)
    assert (refused.value.status_code, refused.value.retry_after_s) == (429, 1)
    assert as_jpeg(drawn(), 3000).width == 64


# --- over the API --------------------------------------------------------------------------------


def test_the_plan_of_a_site(admin: httpx.Client, site: str) -> None:
    path = f"/sites/{site}/plan"
    assert (admin.get(path).status_code, admin.delete(path).status_code) == (404, 404)
    assert admin.put(f"/sites/{uuid4()}/plan", content=drawn()).status_code == 404
    made = admin.put(path, content=drawn((3200, 400), "PNG"))
    assert (made.status_code, made.json()["width"], made.json()["height"]) == (200, 3000, 375)
    given = admin.get(path)
    assert (given.status_code, given.headers["Content-Type"]) == (200, "image/jpeg")
    assert given.headers["ETag"] == f'"{made.json()["sha256"]}"' == f'"{sha256(given.content).hexdigest()}"'
    again = admin.get(path, headers={"If-None-Match": given.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    for body, status in ((b"x", 422), (b"\0" * (2 << 20), 422), (b"\0" * ((10 << 20) + 1), 413)):
        refused = admin.put(path, content=body)
        assert (refused.status_code, refused.json()["field"]) == (status, "body")
    assert admin.put(f"{path}/marks", content=b" " * (2 << 20)).status_code == 413, "only the picture may be large"
    assert admin.put(path, content=drawn()).json()["width"] == 64
    changed, created = admin.get("/audit", params={"kind": "site_plans"}).json()["items"]
    assert (created["act"], changed["before"]["width"], changed["after"]["width"]) == ("created", 3000, 64)
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_marks_on_the_plan(admin: httpx.Client, site: str) -> None:
    path = f"/sites/{site}/plan/marks"
    gate = admin.post("/gates", json={"site": site, "slug": "east", "name": "东门"}).json()["id"]
    post = admin.post("/posts", json={"site": site, "name": "东门岗", "gate": gate}).json()["id"]
    at_gate, at_post = {"kind": "gate", "id": gate, "x": 0.25, "y": 1}, {"kind": "post", "id": post, "x": 0.25, "y": 0.9}
    assert admin.put(path, json={"marks": [at_gate]}).status_code == 404, "no plan yet"
    admin.put(f"/sites/{site}/plan", content=drawn()).raise_for_status()
    placed = admin.put(path, json={"marks": [at_gate, at_post]}, headers={"If-Match": admin.get(path).headers["ETag"]})
    assert (placed.status_code, placed.headers["ETag"], placed.json()["marks"]) == (200, '"2"', [at_gate, at_post])
    admin.put(f"/sites/{site}/plan", content=drawn((32, 32))).raise_for_status()
    late = admin.put(path, json={"marks": []}, headers={"If-Match": placed.headers["ETag"]})
    assert (late.status_code, late.json()["current"]["marks"]) == (409, [at_gate, at_post]), "it is another picture now"

    other = admin.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    elsewhere = admin.post("/gates", json={"site": other, "slug": "west", "name": "西门"}).json()["id"]
    for marks, field in (
        ([at_gate | {"id": elsewhere}], "marks"),
        ([at_gate | {"kind": "lane"}], "marks"),
        ([at_gate, at_gate | {"x": 0}], "marks"),
        ([at_gate | {"x": 1.01}], "marks.0.x"),
        ([at_gate | {"kind": "site"}], "marks.0.kind"),
    ):
        refused = admin.put(path, json={"marks": marks})
        assert (refused.status_code, refused.json()["field"]) == (422, field), refused.text
    admin.delete(f"/posts/{post}").raise_for_status()
    assert admin.get(path).json()["marks"] == [at_gate], "there is no mark of what is gone"
