"""What a route of the office works with: who asks, and how the reply is made, with ETag and, under a key, only once."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import unquote

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from central.errors import RegistryError
from central.looks.services import at_record, looked
from central.masking.kinds import Sight
from central.masking.walk import masked, shows_somebody
from central.records import idempotency
from central.records.idempotency import Kept
from central.records.schemas import Line, Shown, VersionedShown
from central.registry import Registry, TheRegistry, Work
from central.users.access import SignedInVisitor, Visitor

REASON_HEADER = "Gatehouse-Reason"
AS_OF_HEADER = "X-As-Of"
T = TypeVar("T")
_line: TypeAdapter[str] = TypeAdapter(Line)

IdempotencyKeyHeader = Annotated[
    str | None,
    Header(
        alias=idempotency.HEADER,
        pattern=r"^[\x21-\x7e]{1,80}$",
        description="Sent again with the same key, a request gets the first reply and changes nothing.",
        examples=["7d1f0c52-visit-1"],
    ),
]
ReasonHeader = Annotated[
    str | None,
    Header(
        alias=REASON_HEADER,
        max_length=1800,
        description="Why this is changed, for the audit; percent-encoded UTF-8.",
        examples=["%E6%8D%A2%E8%BD%A6"],
    ),
]
IfMatchHeader = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=r'^(?:\*|(?:W/)?"\d{1,15}")$',
        description="The ETag of the record as it was read, or * for whatever it is.",
        examples=['"1"'],
    ),
]


def _seen(if_match: IfMatchHeader) -> int | None:
    return None if if_match == "*" else int(if_match.removeprefix("W/").strip('"'))


def _seen_if_given(if_match: Annotated[str | None, *IfMatchHeader.__metadata__] = None) -> int | None:
    return None if if_match is None else _seen(if_match)


Seen = Annotated[int | None, Depends(_seen)]
SeenIfGiven = Annotated[int | None, Depends(_seen_if_given)]


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of the office: its visitor, and the key and digest under which it is done once."""

    registry: Registry
    visitor: Visitor
    key: str = ""
    digest: bytes = b""

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """Give work that changes nothing, within what the visitor may see."""
        with self.registry.read(self.visitor.actor) as work:
            yield work

    def searched(self, response: Response, do: Callable[[Work], T]) -> T:
        """Do what looks something up in the log, on the replica where there is one; the reply says until when all is in it."""
        as_of: list[datetime] = []

        def asked(work: Work) -> T:
            found = do(work)
            as_of.append(work.as_of or work.at)
            return found

        found = self.registry.searched(self.visitor.actor, asked)
        response.headers[AS_OF_HEADER] = as_of[-1].isoformat(timespec="milliseconds")
        return found

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """Give work that is committed when the block ends well, whether it is done once or again."""
        with self.registry.write(self.visitor.actor) as work:
            yield work

    @property
    def sight(self) -> Sight:
        """What of personal values the visitor sees."""
        return Sight(self.visitor.role)

    def show(self, do: Callable[[Work], VersionedShown], kind: str = "") -> Response:
        """Reply with one record, of a kind that is named where it may be somebody's, and its ETag; that he was seen is noted."""
        with self.reading() as work:
            shown = do(work)
        if kind and shows_somebody(shown, self.sight):
            with self.registry.write(self.visitor.actor) as work:
                looked(work, "record", at_record(kind, shown))
        return _response(_kept(masked(shown, self.sight), 200))

    def change(self, do: Callable[[Work], BaseModel | None], status: int = 200) -> Response:
        """Do it, commit, and reply with what it leads to (None: nothing, 204); under a key, at most once."""
        with self.registry.write(self.visitor.actor) as work:
            done = idempotency.claim(work, self._owner, self.key, self.digest) if self.key else None
            reply = done
            if reply is None:
                reply = _kept(masked(do(work), self.sight), status)
                if self.key:
                    idempotency.keep(work, self._owner, self.key, reply)
        response = _response(reply)
        if done is not None:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    def tell_once(self, do: Callable[[Work], BaseModel], status: int = 201) -> Response:
        """Do it, commit, and reply with a secret, which is never kept; RegistryError 409 under a key by which it was done."""
        with self.registry.write(self.visitor.actor) as work:
            done = idempotency.claim(work, self._owner, self.key, self.digest) if self.key else None
            if done is not None:
                why = "this was done before, and what it told is shown only once"
                raise RegistryError(why, 409, idempotency.HEADER, json.loads(done.body))
            told = do(work)
            if self.key:
                told_again = json.dumps({"id": str(told.id)} if isinstance(told, Shown) else {}).encode()
                idempotency.keep(work, self._owner, self.key, Kept(status, "", told_again))
        return _response(_kept(masked(told, self.sight), status))

    def is_done(self) -> bool:
        """Tell whether this was done under its key before: `change` will only repeat the reply, and nothing need be prepared."""
        if not self.key:
            return False
        with self.reading() as work:
            return idempotency.is_done(work, self._owner, self.key)

    @property
    def _owner(self) -> str:
        """Whose keys these are: two who happen to choose the same key do not meet."""
        actor = self.visitor.actor
        return f"{actor.role}:{actor.person or actor.id or actor.name}:{actor.site or ''}"


async def _desk(registry: TheRegistry, visitor: SignedInVisitor) -> Desk:
    return Desk(registry, visitor)


async def _writing_desk(
    request: Request,
    registry: TheRegistry,
    visitor: SignedInVisitor,
    key: IdempotencyKeyHeader = None,
    reason: ReasonHeader = None,
) -> Desk:
    actor = replace(visitor.actor, reason=reason_of(reason or ""))
    digest = b""
    if key:
        # Keyed: a body may hold what can be guessed from its hash, as a PIN or an ID number.
        begun = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
        hashed = hmac.new(registry.hash_key, begun, hashlib.sha256)
        hashed.update(await request.body())
        digest = hashed.digest()
    return Desk(registry, replace(visitor, actor=actor), key or "", digest)


def reason_of(encoded: str) -> str:
    """Return the reason that a header gives; RegistryError 422."""
    try:
        return _line.validate_python(unquote(encoded, errors="strict"))
    except (UnicodeDecodeError, ValidationError) as error:
        raise RegistryError(
            "a reason is up to 200 characters that can be printed, percent-encoded", 422, REASON_HEADER
        ) from error


def _kept(shown: BaseModel | None, status: int) -> Kept:
    if shown is None:
        return Kept(204, "", b"")
    etag = f'"{shown.version}"' if isinstance(shown, VersionedShown) else ""
    return Kept(status, etag, shown.model_dump_json().encode())


def _response(reply: Kept) -> Response:
    response = Response(reply.body or None, reply.status, media_type="application/json" if reply.body else None)
    if reply.etag:
        response.headers["ETag"] = reply.etag
    return response


ADesk = Annotated[Desk, Depends(_desk)]
AWritingDesk = Annotated[Desk, Depends(_writing_desk)]
