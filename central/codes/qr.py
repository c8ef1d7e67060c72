"""A code's text as a QR image to print: SVG and PNG, error level M, black on white, with its quiet zone (ISO/IEC 18004).

A code reader at a gate and a phone must both read it from paper: the image is at least 25 mm wide and a module at least 0.5 mm.
Modules are whole eighths of a millimetre, the dots of a label printer (203 dpi), so that none comes out wider than the next.
"""

import re
from io import BytesIO
from math import ceil
from typing import Final

import segno

ERROR_LEVEL: Final = "M"
QUIET_MODULES: Final = 4
VERSION_MAX: Final = 15
CHARACTERS_MAX: Final = 600  # that version at that level; a code reader's line carries as many (`devices.readers.qr_line`)
WIDTH_MM_MIN: Final = 25.0
MODULE_MM_MIN: Final = 0.5
PRINTER_DOTS_PER_MM: Final = 8
PNG_MODULE_PIXELS: Final = 12
MM_PER_INCH: Final = 25.4

# The alphanumeric mode's characters; a space at either end could not be told from padding.
_TEXT: Final = re.compile(r"[0-9A-Z$%*+\-./:]([0-9A-Z $%*+\-./:]*[0-9A-Z$%*+\-./:])?")


class CodeTextError(ValueError):
    """A text that cannot be printed as a code; says why without repeating it."""


def symbol(text: str) -> segno.QRCode:
    """Return the smallest QR code of `text`, in alphanumeric mode; CodeTextError where no reader can be relied on to read it."""
    if not _TEXT.fullmatch(text):
        raise CodeTextError("a code has digits, capital letters, $%*+-./: and spaces inside")
    if len(text) > CHARACTERS_MAX:
        raise CodeTextError(f"a code has at most {CHARACTERS_MAX} characters (QR version {VERSION_MAX})")
    return segno.make_qr(text, error=ERROR_LEVEL, mode="alphanumeric", boost_error=False)


def module_mm(code: segno.QRCode) -> float:
    """Return how wide a module is printed, in whole dots of a label printer."""
    wanted = max(MODULE_MM_MIN, WIDTH_MM_MIN / _modules(code))
    return ceil(wanted * PRINTER_DOTS_PER_MM) / PRINTER_DOTS_PER_MM


def width_mm(code: segno.QRCode) -> float:
    """Return how wide, and high, the image is printed with its quiet zone."""
    return _modules(code) * module_mm(code)


def as_svg(text: str, title: str, description: str = "") -> bytes:
    """Return the code as SVG, sized in millimetres; `title` and `description` are for who cannot see it and do not repeat it."""
    if text in title or text in description:
        raise CodeTextError("what is said of a code does not repeat it")
    code, out = symbol(text), BytesIO()
    code.save(
        out,
        kind="svg",
        border=QUIET_MODULES,
        scale=module_mm(code),
        unit="mm",
        dark="#000",
        light="#fff",
        title=title,
        desc=description or None,
    )
    return out.getvalue()


def as_png(text: str) -> bytes:
    """Return the code as PNG of black and white pixels, with the dpi at which it prints as large as the SVG."""
    code, out = symbol(text), BytesIO()
    dpi = PNG_MODULE_PIXELS / module_mm(code) * MM_PER_INCH
    code.save(out, kind="png", border=QUIET_MODULES, scale=PNG_MODULE_PIXELS, dpi=dpi, dark="#000", light="#fff")
    return out.getvalue()


def _modules(code: segno.QRCode) -> int:
    return int(code.symbol_size(scale=1, border=QUIET_MODULES)[0])
