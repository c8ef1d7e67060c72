"""An album of the booth's pages: each in both languages, both themes and two sizes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Page, ViewportSize

from tests.booth.site import Whole

LANGUAGES: Final = ("zh", "en")
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SIZES: Final[dict[str, ViewportSize]] = {
    "wide": {"width": 1280, "height": 800},
    "tall": {"width": 800, "height": 1280},
}
QUALITY: Final = 28  # letters stay sharp
# The look that the walk-through shows is kept in its own size, the others smaller: all together stay under 6 MB.
READ: Final = ("light", "wide")
SMALL: Final = 0.55
# Every picture that can be shown is: lazy ones and those of cameras too.
PICTURES_THERE: Final = "() => [...document.images].every(one => one.loading === 'lazy' || one.hidden || one.complete)"

Do = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class View:
    """A page as it is photographed: its address, and what is done on it before.

    A page is taken in every look; a state of one that is taken already, for the walk-through, in light and wide alone.
    """

    name: str
    path: str
    do: Do | None = None
    is_paper: bool = False
    is_state: bool = False


class Album:
    """Takes the pictures and keeps them as WebP; a thread writes them."""

    def __init__(self, whole: Whole, folder: Path, only: frozenset[str]) -> None:
        self._page, self._url, self._folder, self._only = whole.booth.page, whole.booth.url, folder, only
        self._writer = ThreadPoolExecutor(1)
        folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Wait until all is written."""
        self._writer.shutdown()

    def take(self, *views: View) -> None:
        """Photograph these pages in both languages, themes and sizes; leave the browser wide and in English."""
        wanted = [view for view in views if not self._only or view.name in self._only]
        for language in LANGUAGES:
            for view in wanted:
                self._open(view, language)
                self._looks(view, language)
        self._page.emulate_media(color_scheme="light")
        self._page.set_viewport_size(SIZES["wide"])
        self._page.goto(f"{self._url}/language/en?back=/")

    def _open(self, view: View, language: str) -> None:
        page = self._page
        page.emulate_media(color_scheme="light", media="print" if view.is_paper else "screen")
        page.set_viewport_size(SIZES["wide"])
        page.goto(f"{self._url}/language/{language}?back=/patterns")
        page.goto(self._url + view.path)
        page.wait_for_load_state("load")
        if view.do:
            view.do(page)
            page.wait_for_load_state("load")
        page.wait_for_function(PICTURES_THERE)

    def _looks(self, view: View, language: str) -> None:
        for theme in THEMES[: 1 if view.is_state else None]:
            self._page.emulate_media(color_scheme=theme)
            for name, size in list(SIZES.items())[: 1 if view.is_state else None]:
                self._page.set_viewport_size(size)
                shot = self._page.screenshot(animations="disabled", full_page=view.is_paper)
                scale = 1.0 if (theme, name) == READ else SMALL
                self._writer.submit(keep, shot, self._folder / f"{view.name}-{language}-{theme}-{name}.webp", scale)
        self._page.emulate_media(media="screen")


def keep(shot: bytes, file: Path, scale: float) -> None:
    """Write a picture small."""
    with Image.open(BytesIO(shot)) as image:
        size = (round(image.width * scale), round(image.height * scale))
        image.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(file, "WEBP", quality=QUALITY, method=6)
