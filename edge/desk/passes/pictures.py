"""The photo of a pass's holder, as the registry told it."""

import base64
import binascii

from access.contract.booth_records import PassAtBooth

_JPEG = b"\xff\xd8\xff"


def photo_of(told: PassAtBooth) -> bytes:
    """Return the JPEG, b"" where there is none or what was told is none."""
    try:
        picture = base64.b64decode(told.photo, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return picture if picture.startswith(_JPEG) else b""
