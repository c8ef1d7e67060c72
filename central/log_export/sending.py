"""Sheets of the log as replies: sent as fast as they are read; whoever goes away stops the work at once."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Final
from uuid import UUID

import anyio
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from central.actors import Actor
from central.errors import RegistryError
from central.files.writing import write_csv
from central.log.schemas import Search
from central.log_export import services
from central.log_export.cells import heads
from central.log_export.files import blocks_of, check_room, folder, workplace, write_file
from central.log_export.reading import LogRows, StoppedError
from central.log_export.words import SHEET, Form
from central.registry import Registry

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final[dict[str, str]] = {"csv": CSV, "xlsx": XLSX}
# Of one user, and of all, in this process.
AT_ONCE_OF_ONE: Final = 2
AT_ONCE: Final = 8


class Turns:
    """How many sheets are being sent, and to whom. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: Counter[UUID | str] = Counter()

    def take(self, who: UUID | str) -> None:
        """Begin one more; RegistryError 429 where there are too many."""
        with self._lock:
            if self._of[who] >= AT_ONCE_OF_ONE or self._of.total() >= AT_ONCE:
                raise RegistryError("too many exports at once: wait until one has ended", 429)
            self._of[who] += 1

    def give_back(self, who: UUID | str) -> None:
        """End one."""
        with self._lock:
            self._of[who] -= 1
            self._of += Counter()  # whoever has none is forgotten


class Sheet:
    """One sheet on its way, until it is stopped."""

    def __init__(self, registry: Registry, actor: Actor, wanted: Search, form: Form, language: str, purpose: str) -> None:
        self._registry, self._actor = registry, actor
        self._form, self._language = form, language
        self._stopping = threading.Event()
        self._place: Path | None = None
        self._is_ended = False
        self._rows = LogRows(registry, actor, wanted, language, self._check)
        rows = iter(self._rows)
        # Read before a reply has begun: what is refused is so as a problem.
        self._all = chain(list(islice(rows, 1)), rows)
        with registry.write(actor) as work:
            self._begun = services.begin(work, wanted, form, purpose)

    def blocks(self) -> Generator[bytes]:
        """Yield the bytes, and write down that these were all; StoppedError where it is stopped."""
        yield from write_csv(heads(self._language), self._all) if self._form == "csv" else self._book()
        self.end(whole=True)

    def stop(self) -> None:
        """Let whoever makes it stop."""
        self._stopping.set()

    def end(self, *, whole: bool) -> None:
        """Write down, once, how many rows went out."""
        if not self._is_ended:
            self._is_ended = True
            services.ended(self._registry, self._actor, self._begun, self._rows.done, whole=whole)

    def _book(self) -> Iterator[bytes]:
        """Make the workbook first: its table of contents comes last, but its parts need to be whole."""
        with workplace(folder(self._registry)) as self._place:
            title = SHEET[self._language]
            made = write_file(self._form, heads(self._language), self._all, self._place, title, self._stopping.is_set)
            yield from blocks_of(made)

    def _check(self, _done: int) -> None:
        if self._stopping.is_set():
            raise StoppedError
        if self._place is not None:
            check_room(self._place)


class SheetResponse(StreamingResponse):
    """Sends a sheet; `ended` is called however that ends."""

    def __init__(self, sheet: Sheet, form: Form, ended: Callable[[], None]) -> None:
        self._sheet, self._ended = sheet, ended
        self._blocks = sheet.blocks()
        named = {"Content-Disposition": f'attachment; filename="log.{form}"', "Cache-Control": "no-store"}
        super().__init__(self._blocks, headers=named, media_type=MEDIA_TYPES[form])

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and listen meanwhile whether anybody is still there: to make a workbook takes minutes without a byte."""
        watching = asyncio.create_task(self._watch(receive))
        try:
            with suppress(StoppedError):
                await self.stream_response(send)
        finally:
            watching.cancel()
            self._sheet.stop()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._let_go)

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._sheet.stop()

    def _let_go(self) -> None:
        with suppress(ValueError):  # a thread that is not waited for any more is just making a block: it stops by itself
            self._blocks.close()
        try:
            self._sheet.end(whole=False)
        finally:
            self._ended()
