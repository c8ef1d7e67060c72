"""Routes of this place: the board, one pass, and what a guard does with it."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.contract.booth_records import PassAtBooth
from access.workflows.contractor_pass import DUPLICATE, ORIGINAL, part_code
from edge.desk import recording
from edge.desk import words as shared
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.forms import WORDS_MAX
from edge.desk.passes import words
from edge.desk.passes.acts import FIELDS, Asked, Fault, make
from edge.desk.passes.pictures import photo_of
from edge.desk.passes.standing import Board, PassNow, board_of, finder, numbered
from edge.desk.scan import TEXT_MAX, Found, address_of, go_to, read
from edge.desk.sessions import Session

FOUND_MAX = 20
COUNTED_MAX = 500
# Its address names the record's version: a board that is shown anew does not fetch its faces again.
PHOTO_KEPT = {"cache-control": "private, max-age=600"}

router = APIRouter(prefix="/passes")


def board_here(booth: Booth, language: str) -> Board:
    """Return the passes as they stand by what was read last."""
    elsewhere = shared.catalogue(language).gettext(words.ELSEWHERE)
    return board_of(booth.config, booth.book.pages, booth.clock.utc(), elsewhere)


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of a pass were scanned: its original, and the duplicate, by the id of the pass that this one is of."""

    original: bool = False
    duplicate: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Why an act may not be: said beside which field, and what to do (not translated)."""

    said: str
    field: str
    advice: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form of an act sends: see `edge.desk.passes.acts.Asked`."""

    request: Annotated[UUID, Form()]
    after: Annotated[str, Form(max_length=64)] = ""
    pressed: Annotated[float, Form()] = 0.0
    original: Annotated[bool, Form()] = False
    duplicate: Annotated[UUID | None, Form()] = None
    reason: Annotated[str, Form(max_length=40)] = ""
    words: Annotated[str, Form(max_length=WORDS_MAX)] = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What the form of a count sends: what hangs, the numbers of others, and what of it is written already (`id:found`)."""

    request: Annotated[UUID, Form()]
    hangs: Annotated[list[UUID] | None, Form(max_length=COUNTED_MAX)] = None
    others: Annotated[str, Form(max_length=WORDS_MAX)] = ""
    written: Annotated[list[str] | None, Form(max_length=COUNTED_MAX)] = None


@router.get("")
async def first(
    booth: BoothHere, guard: Guard, language: Language, asked: UUID | None = None, done: str = "", about: UUID | None = None
) -> HTMLResponse:
    """Show the board, and what became of the last act."""
    await booth.book.read()
    return _first(booth, guard, language, said=_said(booth, language, asked, done), about=about)


@router.post("/find", dependencies=[OwnForm])
async def find(
    booth: BoothHere, guard: Guard, language: Language, text: Annotated[str, Form(max_length=TEXT_MAX)] = ""
) -> Response:
    """Find passes by number, name, initials, telephone, firm or unit: what was typed stands in no address."""
    await booth.book.read()
    board = board_here(booth, language)
    exact, mark = numbered(board.pages.all(PassAtBooth).values(), text)
    if exact is not None:
        return RedirectResponse(_place(_one(booth, language, exact.id), mark), 303)
    fits = finder(text)
    found = sorted(filter(fits, board.passes.values()), key=lambda one: (not one.is_inside, one.told.number))
    return _first(booth, guard, language, found=found[:FOUND_MAX], more=len(found) > FOUND_MAX, text=text)


@router.post("/leave", dependencies=[OwnForm])
async def give_back(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    request: Annotated[UUID, Form()],
    hole: Annotated[str, Form(max_length=60)],
) -> Response:
    """Give the duplicate in a hole of the board (pass and since when) back to its holder, who goes out."""
    await booth.book.read()
    now = _one(booth, language, _identity(hole.partition(".")[0]))
    own = uuid5(request, hole)  # once for each time that it hangs there
    return await _do(booth, guard, language, now, "leave", Asked(), own, now.newest)


@router.get("/count")
async def count_form(booth: BoothHere, guard: Guard, language: Language) -> HTMLResponse:
    """Show which duplicates should hang here, to be counted."""
    await booth.book.read()
    return _count_page(booth, guard, language, Counted(uuid4()))


@router.post("/count", dependencies=[OwnForm])
async def count(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    sent: Annotated[Counted, Depends()],
) -> Response:
    """Write down which duplicates hang here: those that should, and those that were found besides."""
    await booth.book.read()
    board = board_here(booth, language)
    besides, unknown = _besides(board, sent.others)
    if unknown:
        said = shared.catalogue(language).gettext(words.UNKNOWN_NUMBER).replace("{number}", unknown)
        return _count_page(booth, guard, language, replace(sent, request=uuid4()), said)
    expected = {one.id: one for one in board.holes}
    written = list(sent.written or ())
    for identity, one in (expected | besides).items():
        found = identity in besides or identity in (sent.hangs or ())
        act, entry = make("count", board, one, Asked(found=found), recording.who(guard)), f"{identity}:{found}"
        if isinstance(act, Fault) or entry in written:
            continue
        own = uuid5(sent.request, entry)
        reply = await recording.record(booth, guard, own, "pass", str(identity), act.event, values=act.values)
        if not reply.accepted:
            rest = replace(sent, request=recording.request_again(sent.request, reply), written=written)
            return _count_page(booth, guard, language, rest, recording.reply_in_words(booth, reply, language))
        written.append(entry)
    return RedirectResponse("/passes#counted", 303)


def _count_page(booth: Booth, guard: Session, language: str, sent: Counted, fault: str = "") -> HTMLResponse:
    return HTMLResponse(booth.page("passes/count", language, guard, sent=sent, fault=fault), 422 if fault else 200)


def _besides(board: Board, typed: str) -> tuple[dict[UUID, PassNow], str]:
    """Return the passes whose numbers were typed, or the first number that no pass has."""
    found: dict[UUID, PassNow] = {}
    for text in typed.replace(",", " ").replace("、", " ").replace(",", " ").split():
        one, _ = numbered(board.pages.all(PassAtBooth).values(), text)
        if one is None:
            return {}, text
        found[one.id] = board.passes[one.id]
    return found, ""


@router.get("/{identity}")
async def one_pass(
    booth: BoothHere,
    guard: Guard,
    language: Language,
    identity: UUID,
    parts: Annotated[Parts, Depends()],
    asked: UUID | None = None,
    done: str = "",
) -> HTMLResponse:
    """Show a pass: who its holder is, whether they may come in or go out, and what became of the last act."""
    await booth.book.read()
    now = _one(booth, language, identity)
    return _page(booth, guard, language, now, parts, said=_said(booth, language, asked, done))


@router.get("/{identity}/photo.jpg")
async def photo(booth: BoothHere, _guard: Guard, identity: UUID) -> Response:
    """Return the photo of a pass's holder, or nothing (204) where there is none."""
    told = booth.book.pages.find(PassAtBooth, identity)
    picture = photo_of(told) if told else b""
    return Response(picture, media_type="image/jpeg", headers=PHOTO_KEPT) if picture else Response(status_code=204)


@router.post("/{identity}/scan", dependencies=[OwnForm])
async def scan_part(
    booth: BoothHere,
    language: Language,
    identity: UUID,
    _guard: Guard,
    text: Annotated[str, Form(max_length=TEXT_MAX)] = "",
    original: Annotated[str, Form(max_length=5)] = "",
    duplicate: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Take a part of this pass that was scanned or typed; of another pass a duplicate too, all else opens its own place."""
    found = await read(booth, text)
    if found.kind != "pass" or found.id is None:
        return go_to(found)
    if found.id != identity and found.part != DUPLICATE:
        return RedirectResponse(_place(_one(booth, language, found.id), found.part), 303)
    is_original = found.part == ORIGINAL or original == "true"
    return RedirectResponse(_with_parts(identity, Parts(is_original, found.id if found.part == DUPLICATE else duplicate)), 303)


@router.post("/{identity}/{act}", dependencies=[OwnForm])
async def press(
    booth: BoothHere, guard: Guard, language: Language, identity: UUID, act: str, sent: Annotated[Sent, Depends()]
) -> Response:
    """Do something with a pass, once."""
    if act not in FIELDS:
        raise HTTPException(404, words.NO_SUCH_PASS)
    await booth.book.read()
    now = _one(booth, language, identity)
    other = _one(booth, language, sent.duplicate) if sent.duplicate else None
    asked = Asked(
        original=part_code(now.told.number, ORIGINAL) if sent.original else "",
        duplicate=part_code(other.told.number, DUPLICATE) if other else "",
        reason=sent.reason,
        words=" ".join(sent.words.split()),
        language=language,
    )
    return await _do(booth, guard, language, now, act, asked, sent.request, sent.after, sent)


async def _do(
    booth: Booth,
    guard: Session,
    language: str,
    now: PassNow,
    act: str,
    asked: Asked,
    request: UUID,
    after: str,
    sent: Sent | None = None,
) -> Response:
    """Have it written down where the workflow allows it, and go where that is shown; else say why not, with what was typed."""
    if await recording.is_done(booth, request, str(now.id)):  # the same press once more
        return RedirectResponse(_after(now.id, act, request), 303)
    parts = Parts(sent.original, sent.duplicate) if sent else Parts()
    made = make(act, board_here(booth, language), now, asked, recording.who(guard))
    if isinstance(made, Fault):
        fault = Told(made.said(booth, language), FIELDS[act], made.advice)
        return _page(booth, guard, language, now, parts, fault=fault, sent=sent)
    pressed = sent.pressed if sent else 0.0
    reply = await recording.record(
        booth, guard, request, "pass", str(now.id), made.event, values=made.values, after=after, pressed=pressed
    )
    if reply.accepted:
        return RedirectResponse(_after(now.id, made.told, request), 303)
    fault = Told(recording.reply_in_words(booth, reply, language), FIELDS[act], "")
    again = (act, recording.request_again(request, reply))
    return _page(booth, guard, language, _one(booth, language, now.id), parts, fault=fault, sent=sent, again=again)


def _after(identity: UUID, act: str, request: UUID) -> str:
    """Return the address that shows what was done: of who has gone in or out the board, else the pass."""
    told = f"?asked={request}&done={act}"
    if act in ("enter", "leave", "leave_without"):
        return f"/passes{told}&about={identity}"
    return f"/passes/{identity}{told}"


def _said(booth: Booth, language: str, asked: UUID | None, done: str) -> tuple[bool, str] | None:
    """Return whether the last act was done, and what is said of it; None where nothing was asked."""
    if asked is None:
        return None
    reply = booth.asks.reply(str(asked))
    if reply.accepted and done in words.DONE:
        return True, shared.catalogue(language).gettext(words.DONE[done])
    return reply.accepted, recording.reply_in_words(booth, reply, language)


def _first(
    booth: Booth,
    guard: Session,
    language: str,
    *,
    said: tuple[bool, str] | None = None,
    about: UUID | None = None,
    found: list[PassNow] | None = None,
    more: bool = False,
    text: str = "",
) -> HTMLResponse:
    one = board_here(booth, language).find(about) if about else None
    shown = {"said": said, "about": one, "found": found, "more": more, "text": text}
    return HTMLResponse(booth.page("passes/first", language, guard, request=uuid4(), **shown))


def _page(
    booth: Booth,
    guard: Session,
    language: str,
    now: PassNow,
    parts: Parts,
    *,
    said: tuple[bool, str] | None = None,
    fault: Told | None = None,
    sent: Sent | None = None,
    again: tuple[str, UUID | None] = ("", None),
) -> HTMLResponse:
    """Return the page of a pass; `again` is the act whose form is shown again, and the request id that this bears."""
    board = board_here(booth, language)
    refusal = board.may_enter(now, recording.who(guard))
    page = booth.page(
        "passes/one",
        language,
        guard,
        now=now,
        request=uuid4(),
        parts_shown=parts,
        other=board.find(parts.duplicate) if parts.duplicate and parts.duplicate != now.id else None,
        possible=board.possible(now, recording.who(guard)),
        refused=recording.refusal_in_words(booth, refusal, language) if refusal else "",
        refused_code=refusal.code if refusal else "",
        said=said,
        fault=fault.said if fault else "",
        field=fault.field if fault else "",
        advice=fault.advice if fault else "",
        sent=sent,
        again=again,
    )
    return HTMLResponse(page, 422 if fault else 200)


def _one(booth: Booth, language: str, identity: UUID) -> PassNow:
    """Return a pass; one that the registry has not told of is not found."""
    found = board_here(booth, language).find(identity)
    if found is None:
        raise HTTPException(404, shared.catalogue(language).gettext(words.NO_SUCH_PASS))
    return found


def _identity(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPException(422, shared.NOT_UNDERSTOOD) from error


def _place(one: PassNow, mark: str) -> str:
    """Return the address of a pass of which a part was scanned or typed."""
    return address_of(Found("pass", one.id, mark, hangs=one.is_on_board and one.is_inside))


def _with_parts(identity: UUID, parts: Parts) -> str:
    told = [*(["original=true"] if parts.original else []), *([f"duplicate={parts.duplicate}"] if parts.duplicate else [])]
    return f"/passes/{identity}{'?' if told else ''}{'&'.join(told)}"
