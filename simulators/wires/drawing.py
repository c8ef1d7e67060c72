"""Draw what a plate camera sees: a lane by day or night and a vehicle with a legible plate, in perspective.

Sizes of plates follow GA 36 in millimetres. The letters are a CJK font's, squeezed into the standard's cells.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from access.plate import KINDS, kind_of, normalise
from devices.errors import UsageError
from devices.plates.stages import Image
from devices.transports.opencv import cv2

WIDTH, HEIGHT = 1280, 720
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Bold.ttc",
)
SIMPLIFIED = 2  # face of the collection
PLATE_HEIGHT, CELL_HEIGHT, CELL_TOP = 140, 90, 25
DOT_GAP, EDGE = 34, 15
SPRITE_WIDTH, SPRITE_HEIGHT, PLATE_TOP = 1400, 1100, 850  # the vehicle from the front, a pixel a millimetre
WHITE, INK_BLACK, RED = (255, 255, 255), (20, 20, 20), (200, 30, 30)
INK = {"blue": WHITE, "black": WHITE, "yellow": INK_BLACK, "green": INK_BLACK, "white": INK_BLACK}
GROUND = {
    "blue": (20, 60, 170),
    "black": (25, 25, 28),
    "yellow": (240, 180, 20),
    "green": (70, 190, 110),
    "white": (240, 240, 240),
}
PAINTS = ((170, 172, 178), (60, 62, 70), (225, 225, 222), (120, 30, 36), (40, 60, 96))


@dataclass(frozen=True, slots=True)
class Light:
    """How well the camera sees: `brightness` 1 by day; standard deviations of `blur` in pixels, of `noise` in grey levels."""

    brightness: float = 1.0
    blur: float = 0.0
    noise: float = 3.0


DAY = Light()
NIGHT = Light(brightness=0.25, blur=1.4, noise=14.0)  # a tenth of the plates comes out doubtful


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What stands in the lane. `paint` picks the body's colour; `yaw` -1..1 turns it, seen from the camera's post."""

    plate: str
    colour: str
    paint: int = 0
    yaw: float = 0.35


def colour_for(plate: str) -> str:
    """Return the usual colour of the kind that `plate` is of."""
    colours = next((kind.colours for kind in KINDS if kind.name == kind_of(plate)), ("blue",))
    return "green" if colours[0] == "yellow-green" else colours[0]


@lru_cache(maxsize=64)
def draw_plate(plate: str, colour: str = "") -> Image:
    """Return the plate alone, one pixel a millimetre: 440 or 480 wide, 140 high."""
    text = normalise(plate)
    colour = colour or colour_for(text)
    if colour not in GROUND:
        raise UsageError(f"plates are {', '.join(GROUND)}, not {colour}")
    widths = [45, *[43 if len(text) == 8 else 45] * (len(text) - 1)]
    gap, dot_gap = (9, 49) if len(text) == 8 else (12, DOT_GAP)
    length = 2 * EDGE + sum(widths) + gap * (len(text) - 2) + dot_gap + 1
    picture = Pillow.fromarray(_ground(colour, length))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((4, 4, length - 5, PLATE_HEIGHT - 5), radius=10, outline=INK[colour], width=3)
    x = EDGE
    for place, (character, width) in enumerate(zip(text, widths, strict=True)):
        ink = RED if character == "警" else INK[colour]
        picture.paste(ink, (x, CELL_TOP), _glyph(character, width))
        x += width + (dot_gap if place == 1 else gap)
        if place == 1:
            pen.ellipse((x - dot_gap // 2 - 5, 65, x - dot_gap // 2 + 5, 75), fill=INK[colour])
    return cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR)  # type: ignore[no-any-return]  # OpenCV is not typed here


def _ground(colour: str, length: int) -> Image:
    """Return the empty plate (RGB); the green of new energy fades to white upwards."""
    plain = np.empty((PLATE_HEIGHT, length, 3), np.float32)
    plain[:] = GROUND[colour]
    if colour == "green":
        fade = np.linspace(0.75, 0.0, PLATE_HEIGHT, dtype=np.float32)[:, None, None]
        plain = plain * (1 - fade) + 245 * fade
    return plain.astype(np.uint8)


@lru_cache(maxsize=256)
def _glyph(character: str, width: int) -> Pillow.Image:
    """Return the shape of `character` squeezed into a cell of `width` x CELL_HEIGHT."""
    font = _font()
    left, top, right, bottom = (round(edge) for edge in font.getbbox(character))
    shape = Pillow.new("L", (right - left, bottom - top))
    ImageDraw.Draw(shape).text((-left, -top), character, font=font, fill=255)
    natural = round((right - left) * CELL_HEIGHT / (bottom - top) * 0.75)
    inner = min(width, natural)
    cell = Pillow.new("L", (width, CELL_HEIGHT))
    cell.paste(shape.resize((inner, CELL_HEIGHT), Pillow.Resampling.LANCZOS), ((width - inner) // 2, 0))
    return cell


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    """Return the CJK font, or say which package brings it."""
    found = next((path for path in FONTS if Path(path).is_file()), None)
    if found is None:
        raise UsageError("no CJK font to draw plates with: install fonts-noto-cjk (or google-noto-sans-cjk-fonts)")
    return ImageFont.truetype(found, 120, index=SIMPLIFIED)


@lru_cache(maxsize=1)
def empty_lane() -> Image:
    """Return the lane with nobody in it: sky, wall, road, kerbs and the barrier's post."""
    lane = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    lane[:] = (205, 196, 184)
    lane[180:330] = (128, 140, 146)
    cv2.fillPoly(lane, [np.array([[430, 330], [850, 330], [1280, 720], [0, 720]])], (92, 92, 94))
    cv2.fillPoly(lane, [np.array([[0, 330], [430, 330], [0, 720]])], (96, 130, 104))
    cv2.fillPoly(lane, [np.array([[850, 330], [1280, 330], [1280, 720]])], (96, 130, 104))
    cv2.line(lane, (430, 330), (0, 720), (220, 220, 220), 6)
    cv2.line(lane, (850, 330), (1280, 720), (220, 220, 220), 6)
    cv2.rectangle(lane, (1130, 260), (1190, 600), (40, 120, 235), -1)
    grain = np.random.default_rng(1).normal(0, 4, lane.shape)
    return np.clip(lane + grain, 0, 255).astype(np.uint8)


@lru_cache(maxsize=4)
def draw_vehicle(vehicle: Vehicle) -> Image:
    """Return the vehicle from the front, flat, with its plate; what is not vehicle is pure black."""
    body = np.zeros((SPRITE_HEIGHT, SPRITE_WIDTH, 3), np.uint8)
    paint = tuple(reversed(PAINTS[vehicle.paint % len(PAINTS)]))
    cv2.fillPoly(body, [np.array([[300, 20], [1100, 20], [1260, 420], [140, 420]])], paint)
    cv2.fillPoly(body, [np.array([[340, 60], [1060, 60], [1190, 400], [210, 400]])], (70, 62, 54))
    cv2.rectangle(body, (40, 420), (1360, 1000), paint, -1)
    cv2.rectangle(body, (120, 990), (340, 1095), (22, 22, 22), -1)
    cv2.rectangle(body, (1060, 990), (1280, 1095), (22, 22, 22), -1)
    cv2.rectangle(body, (420, 600), (980, 780), (34, 34, 34), -1)
    for bar in range(620, 780, 32):
        cv2.line(body, (430, bar), (970, bar), (88, 88, 88), 6)
    for lamp in (210, 1190):
        cv2.ellipse(body, (lamp, 640), (130, 70), 0, 0, 360, (235, 240, 240), -1)
    plate = draw_plate(vehicle.plate, vehicle.colour)
    left = SPRITE_WIDTH // 2 - plate.shape[1] // 2
    body[PLATE_TOP : PLATE_TOP + PLATE_HEIGHT, left : left + plate.shape[1]] = plate
    return body


def draw_scene(vehicle: Vehicle | None, nearness: float, light: Light, rng: np.random.Generator) -> Image:
    """Return what the camera sees, with `vehicle` at `nearness` 0 (far) .. 1 (at the barrier) .. 1.6 (passing below)."""
    scene = empty_lane().copy()
    if vehicle is not None:
        _place(scene, draw_vehicle(vehicle), nearness, vehicle.yaw)
    if light.brightness != 1.0:
        scene = cv2.convertScaleAbs(scene, alpha=light.brightness)
    if light.blur > 0:
        scene = cv2.GaussianBlur(scene, (0, 0), light.blur)
    if light.noise > 0:
        scene = _grainy(scene, light.noise, rng)
    return scene


def _place(scene: Image, sprite: Image, nearness: float, yaw: float) -> None:
    """Paste `sprite` in perspective, as a camera on a post beside the lane sees it."""
    half = 120 + 200 * nearness
    middle, bottom = WIDTH / 2 - 40 * yaw * nearness, 360 + 270 * nearness
    top = bottom - 2 * half * SPRITE_HEIGHT / SPRITE_WIDTH
    lean = 0.10 * yaw * half
    corners = [
        (middle - 0.94 * half, top - lean),
        (middle + 0.94 * half, top + lean),
        (middle + half, bottom + lean),
        (middle - half, bottom - lean),
    ]
    flat = [(0, 0), (SPRITE_WIDTH, 0), (SPRITE_WIDTH, SPRITE_HEIGHT), (0, SPRITE_HEIGHT)]
    turn = cv2.getPerspectiveTransform(np.array(flat, np.float32), np.array(corners, np.float32))
    shrunk = cv2.warpPerspective(sprite, turn, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    mask = shrunk.any(axis=2)
    scene[mask] = shrunk[mask]


def _grainy(scene: Image, noise: float, rng: np.random.Generator) -> Image:
    """Add sensor noise from a tile moved at random: drawing millions of normal numbers a picture would cost a core."""
    tile = _tile()
    y, x = rng.integers(0, tile.shape[0] - HEIGHT), rng.integers(0, tile.shape[1] - WIDTH)
    cut = tile[y : y + HEIGHT, x : x + WIDTH]
    return cv2.addWeighted(scene, 1.0, cut, noise / 32, -128 * noise / 32)  # type: ignore[no-any-return]  # OpenCV is not typed


@lru_cache(maxsize=1)
def _tile() -> Image:
    """Return noise around 128 with a standard deviation of 32 grey levels, larger than a picture."""
    normal = np.random.default_rng(2).normal(128, 32, (HEIGHT + 160, WIDTH + 160, 3))
    return np.clip(normal, 0, 255).astype(np.uint8)
