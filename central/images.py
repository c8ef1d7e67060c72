"""An uploaded picture becomes a JPEG of ours: without metadata, of a bounded size, whatever was sent in its name."""

from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps

from central.errors import RegistryError

FORMATS = ("JPEG", "PNG")
PIXELS_MAX = 32_000_000
QUALITY = 85
# A progressive JPEG is drawn in about ten scans. Of thousands that say almost nothing each takes as long as a whole picture.
START_OF_SCAN, SCANS_MAX = b"\xff\xda", 64
# What is being decoded may take ten bytes for each pixel: one at a time.
_decoding = Lock()


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture as it is kept."""

    data: bytes
    width: int
    height: int


def as_jpeg(data: bytes, side_max: int, bytes_max: int | None = None) -> Jpeg:
    """Return the picture, upright, on white, no side over `side_max`, drawn smaller still where it is over `bytes_max`.

    RegistryError 422, and 429 while another is read.
    """
    if data.startswith(b"\xff\xd8\xff") and data.count(START_OF_SCAN) > SCANS_MAX:
        raise RegistryError("the picture has too many scans: save it anew", 422, "body")
    if not _decoding.acquire(blocking=False):
        raise RegistryError("another picture is being read: send yours again in a moment", 429, retry_after_s=1)
    try:
        return _encoded(_decoded(data, side_max), bytes_max)
    except RegistryError:
        raise
    except Exception as error:  # whatever a decoder stumbles over, it is the picture's fault
        raise RegistryError("this is no whole picture of type JPEG or PNG", 422, "body") from error
    finally:
        _decoding.release()


def smaller(jpeg: bytes, side_max: int, bytes_max: int) -> bytes:
    """Return a picture that `as_jpeg` made with no side over `side_max`, smaller still where it is over `bytes_max`."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as image:
        image.thumbnail((side_max, side_max), Image.Resampling.LANCZOS)
        return _encoded(image, bytes_max).data


def _decoded(data: bytes, side_max: int) -> Image.Image:
    with Image.open(BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > PIXELS_MAX:  # so far only the header has been read
            raise RegistryError("a picture has at most {pixels} pixels", 422, "body", pixels=PIXELS_MAX)
        if opened.mode.startswith("I"):  # of what has 16 bits only the darkest would not come out white
            raise RegistryError("a picture has 8 bits for each colour", 422, "body")
        is_clear = opened.has_transparency_data
        mode = "RGBA" if is_clear else "RGB"
        image = opened if opened.format != "PNG" or opened.mode == mode else opened.convert(mode)
        image.thumbnail((side_max, side_max), Image.Resampling.LANCZOS)
        image = ImageOps.exif_transpose(image)
        # On a sheet of its own it leaves behind what it said of itself.
        clean = Image.new("RGB", image.size, "white")
        clean.paste(image, mask=image.getchannel("A") if is_clear else None)
    return clean


def _encoded(image: Image.Image, bytes_max: int | None) -> Jpeg:
    while True:
        kept = BytesIO()
        image.save(kept, "JPEG", quality=QUALITY)
        if bytes_max is None or kept.tell() <= bytes_max or max(image.size) == 1:
            return Jpeg(kept.getvalue(), image.width, image.height)
        image.thumbnail((max(1, image.width * 4 // 5), max(1, image.height * 4 // 5)), Image.Resampling.LANCZOS)
