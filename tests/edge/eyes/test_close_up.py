"""A plate is cut out of the picture of its capture; what is asked of the ring comes from whichever camera saw the plate."""

import numpy as np

from devices.transports.pictures import decode, encode_jpeg
from devices.transports.video import Frame
from edge.eyes.close_up import WIDTH_MAX, plate_of
from edge.eyes.ring import CAPTURES_MAX, Captured, CaptureRing, Corners

PICTURE = np.zeros((720, 1280, 3), np.uint8)
PICTURE[400:440, 600:740] = (255, 0, 0)
JPEG = encode_jpeg(PICTURE)
PLATE: Corners = ((600.0, 400.0), (740.0, 402.0), (740.0, 440.0), (600.0, 438.0))


def test_the_plate_is_cut_out_with_a_little_around_it() -> None:
    cut = decode(plate_of(Captured(JPEG, PLATE)))
    height, width = cut.shape[:2]
    assert (140 < width < 260, 40 < height < 140) == (True, True)
    assert cut[height // 2, width // 2, 0] > 200


def test_a_plate_at_the_edge_is_cut_off_there_and_a_huge_one_made_smaller() -> None:
    beyond: Corners = ((-50.0, -10.0), (40.0, 0.0), (40.0, 20.0), (-50.0, 15.0))
    assert decode(plate_of(Captured(JPEG, beyond))).shape[:2] == (39, 68)
    huge: Corners = ((100.0, 300.0), (1200.0, 300.0), (1200.0, 600.0), (100.0, 600.0))
    assert decode(plate_of(Captured(JPEG, huge))).shape[1] == WIDTH_MAX


def test_where_no_plate_was_read_or_no_picture_can_be_there_is_none() -> None:
    outside: Corners = ((9000.0, 9000.0), (9100.0, 9000.0), (9100.0, 9040.0), (9000.0, 9040.0))
    for captured in (Captured(JPEG), Captured(b"no picture", PLATE), Captured(JPEG, outside)):
        assert plate_of(captured) == b""


def test_a_capture_is_found_whichever_camera_took_it() -> None:
    ring = CaptureRing()
    ring.put_jpeg("side", "c-1", Captured(b"side"))
    ring.put("front", "c-1", Frame(1, 1.0, PICTURE, JPEG), PLATE)
    ring.put_jpeg("front", "c-1", Captured(b"again"))
    assert ring.of_capture("c-1") == Captured(JPEG, PLATE)
    assert (ring.get("side", "c-1"), ring.get("front", "c-1"), ring.get("front", "c-2")) == (b"side", JPEG, None)
    for number in range(CAPTURES_MAX):
        ring.put_jpeg("front", f"other-{number}", Captured(b"x"))
    assert ring.of_capture("c-1") is None
