"""The routes that every kind of record has: list, show, history, create, change, delete."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from central.audit.schemas import AuditShown, HistoryQuery
from central.records.desk import ADesk, AWritingDesk, Seen
from central.records.offers import OFFERS, Offer
from central.records.openapi import CREATES, READS, WRITES
from central.records.schemas import Asked, Page, Shown
from central.records.services import Records
from central.users.access import allow
from central.users.rights import Area


def record_routes(
    records: Records[Any, Any, Any],
    area: Area,
    *,
    one: str,
    asked: type[Asked] = Asked,
    registered: type[Shown] | None = None,
    many: str = "",
) -> APIRouter:
    """Return the routes of one kind of record, called `one` and (by default with an s) `many` in the documents.

    `registered`: what create and change reply with, where it is more than what is shown.
    """
    many = many or f"{one}s"
    OFFERS[records.kind] = Offer(area, asked)
    path = f"/{many.replace(' ', '-')}"
    router = APIRouter(prefix=path, tags=[area], dependencies=[Depends(allow(area))])
    route = _Routes(records, asked, registered or records.shown)
    for verb, method, where, act, status, shown, words in (
        ("list", "GET", "", route.list(), 200, Page[records.shown], f"List {many}, oldest first."),  # type: ignore[name-defined] # a class kept in a value
        ("create", "POST", "", route.create(), 201, route.registered, f"Create a {one}."),
        ("get", "GET", "/{record_id}", route.show(), 200, records.shown, f"Show one {one}."),
        ("change", "PUT", "/{record_id}", route.change(), 200, route.registered, f"Change a {one}, as a whole."),
        ("delete", "DELETE", "/{record_id}", route.delete(), 204, None, f"Delete a {one}."),
        ("history_of", "GET", "/{record_id}/history", route.history(), 200, Page[AuditShown], f"List the changes of a {one}."),
    ):
        name = f"{verb} {many if verb == 'list' else one}"
        router.add_api_route(
            where,
            act,
            methods=[method],
            status_code=status,
            response_model=shown,
            responses={"GET": READS, "POST": CREATES}.get(method, WRITES),
            summary=words,
            description=words,
            operation_id=name.replace(" ", "_").replace("-", "_"),
        )
    return router


class _Routes:
    """The functions behind the routes; FastAPI reads what they take from their annotations."""

    def __init__(self, records: Records[Any, Any, Any], asked: type[Asked], registered: type[Shown]) -> None:
        self._records = records
        self._asked = asked
        self.registered = registered

    def list(self) -> Callable[..., Any]:
        def act(desk: ADesk, asked: Any) -> Any:
            with desk.reading() as work:
                return self._records.page(work, asked)

        act.__annotations__["asked"] = Annotated[self._asked, Query()]
        return act

    def show(self) -> Callable[..., Any]:
        def act(desk: ADesk, record_id: UUID) -> Response:
            return desk.show(lambda work: self._records.get(work, record_id), self._records.kind)

        return act

    def history(self) -> Callable[..., Any]:
        def act(desk: ADesk, record_id: UUID, asked: HistoryQuery) -> Any:
            with desk.reading() as work:
                return self._records.history(work, record_id, asked)

        return act

    def create(self) -> Callable[..., Any]:
        def act(desk: AWritingDesk, wanted: Any) -> Response:
            with self._records.ahead(desk.registry, wanted):
                return desk.change(lambda work: self._records.registered(work, self._records.create(work, wanted)), 201)

        act.__annotations__["wanted"] = self._records.wanted
        return act

    def change(self) -> Callable[..., Any]:
        def act(desk: AWritingDesk, record_id: UUID, wanted: Any, seen: Seen) -> Response:
            with self._records.ahead(desk.registry, wanted):
                return desk.change(
                    lambda work: self._records.registered(work, self._records.change(work, record_id, wanted, seen))
                )

        act.__annotations__["wanted"] = self._records.wanted
        return act

    def delete(self) -> Callable[..., Any]:
        def act(desk: AWritingDesk, record_id: UUID, seen: Seen) -> Response:
            return desk.change(lambda work: self._records.delete(work, record_id, seen))

        return act
