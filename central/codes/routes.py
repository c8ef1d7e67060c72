"""Routes of codes as images, of a visit's code on a phone, and of the keys that sign them."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from access.workflows.contractor_pass import WORKFLOW as OF_PASS
from access.workflows.release_slip import WORKFLOW as OF_SLIP
from access.workflows.visit import WORKFLOW as OF_VISIT
from central.codes import keys, qr, services
from central.codes.pace import Pace
from central.codes.schemas import (
    KeyRevocationWanted,
    Kid,
    PassKeyShown,
    PhoneCodeShown,
    RetirementWanted,
    RotationWanted,
)
from central.records.desk import ADesk, AWritingDesk, Desk
from central.records.openapi import CREATES, READS, problems
from central.users.access import allow
from central.visits.hosting import own_visit

Image = Literal["svg", "png"]
MEDIA: Final[dict[Image, str]] = {"svg": "image/svg+xml", "png": "image/png"}
# Whoever has it can be let in by it: nothing on the way keeps it.
KEPT_NOWHERE: Final = {"Cache-Control": "no-store"}
VISIT, PASS, SLIP = OF_VISIT.name, OF_PASS.name, OF_SLIP.name
TITLE: Final = "通行码 Pass code"
of_keys = APIRouter(prefix="/sites/{record_id}/pass-keys", tags=["pass keys"], dependencies=[Depends(allow("pass keys"))])
of_phones = APIRouter(prefix="/host/visits/{record_id}", tags=["host"], dependencies=[Depends(allow("host"))])
KidInPath = Annotated[Kid, Path()]


def _given(image: Image) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string"} if image == "svg" else {"type": "string", "format": "binary"}
    return {200: {"description": "The code as an image", "content": {MEDIA[image]: {"schema": schema}}}}


def _drawn(text: str, image: Image) -> Response:
    data = qr.as_svg(text, TITLE) if image == "svg" else qr.as_png(text)
    return Response(data, media_type=MEDIA[image], headers=KEPT_NOWHERE)


def _image_of(kind: str, image: Image) -> Callable[..., Response]:
    def draw(desk: ADesk, record_id: UUID) -> Response:
        return _drawn(services.text_of(desk, kind, record_id), image)

    return draw


def _image_of_part(kind: str, image: Image, part_type: Any) -> Callable[..., Response]:
    def draw(desk: ADesk, record_id: UUID, part: str) -> Response:
        return _drawn(services.text_of(desk, kind, record_id, part), image)

    draw.__annotations__["part"] = part_type
    return draw


def _images(prefix: str, kind: str, one: str, part_type: Any = None) -> APIRouter:
    """Return the routes of the images of one kind's codes; of each part, where it has parts."""
    router = APIRouter(prefix=prefix, tags=[services.AREAS[kind]], dependencies=[Depends(allow(services.AREAS[kind]))])
    for image in MEDIA:
        router.add_api_route(
            f"/{{record_id}}{'/parts/{part}' if part_type else ''}/code.{image}",
            _image_of_part(kind, image, part_type) if part_type else _image_of(kind, image),
            response_class=Response,
            responses={**READS, **problems(409), **_given(image)},
            operation_id=f"code_of_{one}_as_{image}",
            summary=f"Draw the code of a {one}.",
            description="Draw what the record's code says, as it is to be printed: at least 25 mm wide. Issues it where need be.",
        )
    return router


@of_keys.get("", operation_id="list_pass_keys", summary="List the keys that sign passes.", responses=READS)
def list_keys(desk: ADesk, record_id: UUID) -> list[PassKeyShown]:
    """List the keys of a site by which gates check codes, oldest first; without their private halves, which nobody is given."""
    with desk.reading() as work:
        return keys.keys_of(work, record_id)


@of_keys.post(
    "",
    operation_id="rotate_pass_keys",
    summary="Make another key.",
    status_code=201,
    responses=CREATES,
    response_model=PassKeyShown,
)
def rotate(desk: AWritingDesk, record_id: UUID, wanted: RotationWanted) -> Response:
    """Make another key to sign passes, told to gates at once; the former goes on being good until it is retired or revoked."""
    return desk.change(lambda work: keys.rotate(work, record_id, wanted.after_hours), 201)


@of_keys.post(
    "/{kid}/retire",
    operation_id="retire_pass_key",
    summary="Let gates forget a key.",
    responses=CREATES,
    response_model=PassKeyShown,
)
def retire(desk: AWritingDesk, record_id: UUID, kid: KidInPath, wanted: RetirementWanted) -> Response:
    """Let gates forget a key under which no code is good any more, or, forced, though some are."""
    response = desk.change(lambda work: keys.retire(work, record_id, kid, force=wanted.force))
    _drop(desk, record_id, kid)
    return response


@of_keys.post(
    "/{kid}/revoke",
    operation_id="revoke_pass_key",
    summary="Let no code under a key be good any more.",
    responses=CREATES,
    response_model=PassKeyShown,
)
def revoke(desk: AWritingDesk, record_id: UUID, kid: KidInPath, wanted: KeyRevocationWanted) -> Response:
    """Let every code under a key be refused, at once: it was stolen, or may have been."""
    response = desk.change(lambda work: keys.revoke(work, record_id, kid, wanted.reason))
    _drop(desk, record_id, kid)
    return response


def _drop(desk: Desk, site_id: UUID, kid: str) -> None:
    """Let the private half go, once it is committed that it signs no more."""
    desk.registry.pass_keys.drop(site_id, kid)


@of_phones.get(
    "/code",
    operation_id="code_of_own_visit",
    summary="Give the code of a visit for the visitor's phone.",
    responses={**READS, **problems(409, 429)},
)
def code_on_phone(request: Request, response: Response, desk: ADesk, record_id: UUID) -> PhoneCodeShown:
    """Give the code of one of the host's visits as a phone shows it now and, where it turns, in the next minutes."""
    response.headers.update(KEPT_NOWHERE)
    return _on_phone(request, desk, record_id)


@of_phones.get(
    "/code.svg",
    operation_id="code_of_own_visit_as_svg",
    summary="Draw the code of a visit for the visitor's phone.",
    response_class=Response,
    responses={**READS, **problems(409, 429), **_given("svg")},
)
def image_on_phone(request: Request, desk: ADesk, record_id: UUID) -> Response:
    """Draw the code of one of the host's visits as a phone shows it now."""
    return _drawn(_on_phone(request, desk, record_id).text, "svg")


def _on_phone(request: Request, desk: Desk, record_id: UUID) -> PhoneCodeShown:
    pace: Pace = request.app.state.pace
    pace.take(str(desk.visitor.actor.person), desk.registry.clock())
    with desk.reading() as work:
        row = own_visit(work, record_id)
        if text := services.on_phone(work, row):
            return services.shown_on_phone(work, row, text)
    with desk.writing() as work:
        row = own_visit(work, record_id, changing=True)
        return services.shown_on_phone(work, row, services.issued_for_phone(work, row))


router = APIRouter()
router.include_router(of_phones)
router.include_router(_images("/visits", VISIT, "visit"))
router.include_router(_images("/passes", PASS, "pass", Literal["O", "D"]))
router.include_router(_images("/slips", SLIP, "slip", Literal["1", "2"]))
router.include_router(of_keys)
