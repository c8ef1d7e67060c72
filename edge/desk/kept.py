"""Forms that could not be taken though a page of this booth sent them: nothing is done, what was typed can be sent again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError

PREFIX, ADDRESS = "kept-", "kept-to"
# Secrets, and what belongs to the page that was left.
NOT_KEPT = frozenset({"token", "pin", "pressed"})
# What is done in a moment is looked at anew; at the door there is nothing to keep.
NEVER = ("/sign-in", "/sign-out", "/break-glass", "/lanes/", "/gate/", "/alarms", "/scan")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form has sent, and where to."""

    address: str
    fields: tuple[tuple[str, str], ...]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The fields by which the page of signing in carries it on."""
        return [(ADDRESS, self.address), *((f"{PREFIX}{name}", value) for name, value in self.fields)]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A field that does not hold what it may; `most` is how many characters it may have, 0 where it is not too long."""

    field: str
    most: int = 0


async def kept_of(request: Request) -> Kept | None:
    """Return what a form of a page of ours has sent, None where nothing is to be kept or it may come from elsewhere."""
    path = request.url.path
    if request.method != "POST" or path.startswith(NEVER) or "hx-request" in request.headers or not _is_own(request):
        return None
    form = await request.form()
    return Kept(path, tuple((name, value) for name, value in _texts(form) if name not in NOT_KEPT))


async def carried_by(request: Request) -> Kept | None:
    """Return what the form of signing in carries on."""
    form = await request.form()
    address = form.get(ADDRESS, "")
    if not isinstance(address, str) or not address.startswith("/") or address.startswith(("//", "/\\", *NEVER)):
        return None
    named = ((name.removeprefix(PREFIX), value) for name, value in _texts(form) if name.startswith(PREFIX) and name != ADDRESS)
    return Kept(address, tuple((name, value) for name, value in named if name not in NOT_KEPT))


def unfit(error: RequestValidationError) -> list[Unfit]:
    """Return the fields of a form that were refused, each once."""
    found: dict[str, Unfit] = {}
    for fault in error.errors():
        name, limits = str(fault["loc"][-1]), fault.get("ctx", {})
        found.setdefault(name, Unfit(name, _most(limits)))
    return list(found.values())


def _most(limits: Mapping[str, Any]) -> int:
    most = limits.get("max_length", 0)
    return most if isinstance(most, int) else 0


def _texts(form: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _is_own(request: Request) -> bool:
    origin = urlsplit(request.headers.get("origin", ""))
    return (origin.scheme, origin.netloc) == (request.url.scheme, request.headers.get("host", ""))
