"""Forms that could not be taken though a page of this booth sent them: nothing is done, what was typed can be sent again.

What a guard typed whose session has ended waits in memory until they sign in again, for a while, and for nobody else. Only where
this program has begun anew since, and so knows no form of before, does the page of signing in carry it.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from edge.desk.sessions import Sessions, claimed

PREFIX, ADDRESS, BY = "kept-", "kept-to", "kept-by"
WAITS_S = 15 * 60.0
FORMS_MAX, GUARDS_MAX = 3, 20  # of one guard, and guards
# Secrets, and what belongs to the page that was left.
NOT_KEPT = frozenset({"token", "pin", "pressed"})
# Forms that can be shown again without doing anything: all that was chosen is seen, not only what was typed.
LOOKED_THROUGH_AT = {"/visitors/new": "/visitors/new/look"}
# What is done in a moment is looked at anew; at the door there is nothing to keep.
NEVER = ("/sign-in", "/sign-out", "/break-glass", "/lanes/", "/gate/", "/alarms", "/scan")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a form has sent, and where to; `by` is the guard (a badge) for whom it says it was made, `is_ours` whether it was."""

    address: str
    fields: tuple[tuple[str, str], ...]
    by: str = ""
    is_ours: bool = False

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The fields by which the page of signing in carries it on."""
        return [(ADDRESS, self.address), (BY, self.by), *((f"{PREFIX}{name}", value) for name, value in self.fields)]

    @property
    def request(self) -> str:
        """The request id of the act, "" where it is none."""
        return dict(self.fields).get("request", "")

    @property
    def looked_through_at(self) -> str:
        """Where it is shown in its own form and no more is done, "" where nowhere."""
        return LOOKED_THROUGH_AT.get(self.address, "")


class Waiting:
    """Forms that wait for the guard who typed them, by badge: the last ones, for WAITS_S."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Keep nothing yet; `now` is monotonic."""
        self._now = now
        self._forms: OrderedDict[str, OrderedDict[str, tuple[float, Kept]]] = OrderedDict()

    def keep(self, badge: str, kept: Kept) -> None:
        """Keep a form for a guard; one of the same request takes its place."""
        self._forget_old()
        forms = self._forms.setdefault(badge, OrderedDict())
        self._forms.move_to_end(badge)
        forms.pop(kept.request, None)
        forms[kept.request] = (self._now() + WAITS_S, kept)
        while len(forms) > FORMS_MAX:
            forms.popitem(last=False)
        while len(self._forms) > GUARDS_MAX:
            self._forms.popitem(last=False)

    def of(self, badge: str) -> list[Kept]:
        """Return what waits for a guard, newest first."""
        self._forget_old()
        return [kept for _, kept in reversed(self._forms.get(badge, OrderedDict()).values())]

    def forget(self, badge: str, request: str) -> None:
        """Forget a form that was sent."""
        self._forms.get(badge, OrderedDict()).pop(request, None)

    def _forget_old(self) -> None:
        for badge, forms in list(self._forms.items()):
            for request in [request for request, (until, _) in forms.items() if until <= self._now()]:
                del forms[request]
            if not forms:
                del self._forms[badge]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A field that does not hold what it may; `most` is how many characters it may have, 0 where it is not too long."""

    field: str
    most: int = 0


async def kept_of(request: Request, sessions: Sessions) -> Kept | None:
    """Return what a form of a page of ours has sent, None where nothing is to be kept or it may come from elsewhere."""
    path = request.url.path
    if request.method != "POST" or path.startswith(NEVER) or "hx-request" in request.headers or not _is_own(request):
        return None
    form = await request.form()
    fields = tuple((name, value) for name, value in _texts(form) if name not in NOT_KEPT)
    token = dict(_texts(form)).get("token", "")
    return Kept(path, fields, claimed(token), is_ours=bool(sessions.made_for(token)))


async def carried_by(request: Request) -> Kept | None:
    """Return what the form of signing in carries on."""
    form = await request.form()
    address = form.get(ADDRESS, "")
    if not isinstance(address, str) or not address.startswith("/") or address.startswith(("//", "/\\", *NEVER)):
        return None
    ours = {name: value for name, value in _texts(form) if name in (ADDRESS, BY)}
    named = ((name.removeprefix(PREFIX), value) for name, value in _texts(form) if name.startswith(PREFIX) and name not in ours)
    return Kept(address, tuple((name, value) for name, value in named if name not in NOT_KEPT), ours.get(BY, ""))


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
