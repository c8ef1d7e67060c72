"""The codes of records as they are printed, drawn and shown: issued when one is first asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from access.contract.records import AnyRecord
from access.passes import DUPLICATE, ORIGINAL, TURN_S, turning_key, turning_text
from access.workflows.contractor_pass import WORKFLOW as PASS
from access.workflows.release_slip import WORKFLOW as SLIP
from access.workflows.visit import WORKFLOW as VISIT
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.codes import claims
from central.codes.claims import Wording
from central.codes.issuing import issued, standing
from central.codes.schemas import PhoneCodeShown, TurnShown
from central.contractors.passes import IN_HAND, passes
from central.errors import RegistryError
from central.goods.services import USABLE, slips
from central.places.settings import settings_of
from central.records.desk import Desk
from central.registry import Work
from central.tables import Site
from central.users.rights import RIGHTS, Area
from central.visits import telling
from central.visits.services import visits
from central.workflows import repository
from central.workflows.tables import WorkflowRecord

AREAS: Final[dict[str, Area]] = {VISIT.name: "visits", PASS.name: "contractors", SLIP.name: "goods"}
PARTS: Final = {VISIT.name: ("",), PASS.name: (ORIGINAL, DUPLICATE), SLIP.name: ("1", "2")}
SLIP_IN_USE: Final = USABLE - {"draft", "submitted"}
TURNS_TOLD: Final = 4


def text_of(desk: Desk, kind: str, record_id: UUID, part: str = "") -> str:
    """Return the text of a record's code, issued if need be. RegistryError 403, 404, and 409 where it has none now."""
    with desk.reading() as work:
        _check_prints(work, kind)
        _check_part(kind, part)
        row = repository.get(work, kind, record_id)
        if text := standing(work, _wordings(work, row, part)):
            return text
    with desk.writing() as work:
        row = repository.get(work, kind, record_id, changing=True)
        return _issued(work, row, _wordings(work, row, part))


def printed_text(desk: Desk, kind: str, record_id: UUID, part: str = "") -> str:
    """Return the text that is printed of a record's code; empty where it has none now, or who asks may not print it."""
    try:
        return text_of(desk, kind, record_id, part)
    except RegistryError as error:
        if error.status_code in (403, 409):
            return ""
        raise


def on_phone(work: Work, row: WorkflowRecord) -> str:
    """Return the text of a visit's code for the holder's phone, before it is made to turn; empty where it is not issued yet.

    RegistryError 409 where it has none now.
    """
    return standing(work, _of_phone(work, row))


def issued_for_phone(work: Work, row: WorkflowRecord) -> str:
    """Issue the code of a visit for the holder's phone, and return its text; RegistryError 409 where it has none now."""
    return _issued(work, row, _of_phone(work, row))


def shown_on_phone(work: Work, row: WorkflowRecord, text: str) -> PhoneCodeShown:
    """Return what a phone shows of a visit's code from now on."""
    site = work.session.get_one(Site, row.site_id)
    [wording] = _of_phone(work, row)
    says, now_s = wording.says, int(work.at.timestamp())
    begins = [(now_s // TURN_S + turn) * TURN_S for turn in range(TURNS_TOLD)] if says.turns else []
    key = turning_key(site.card_key)
    turns = [TurnShown(text=turning_text(text, says, key, at_s), since=_at(at_s), until=_at(at_s + TURN_S)) for at_s in begins]
    return PhoneCodeShown(
        id=row.id,
        text=turns[0].text if turns else text,
        turns=says.turns,
        valid_from=_at(says.valid_from),
        valid_until=_at(says.valid_until),
        next=turns[1:],
    )


def _of_phone(work: Work, row: WorkflowRecord) -> Sequence[Wording]:
    turns = VISIT.name in settings_of(work.session, row.site_id).turning_codes
    return _of_visit(work, row, turns=turns)


def _wordings(work: Work, row: WorkflowRecord, part: str) -> Sequence[Wording]:
    """Return what a code of this record may say now; nothing where it is to have none."""
    if row.workflow == VISIT.name:
        return _of_visit(work, row, turns=False)
    site = work.session.get_one(Site, row.site_id)
    if row.workflow == PASS.name:
        held = PASS.ripened(passes.record(row), work.at)
        return claims.of_pass(row, held, part) if held.state in IN_HAND else ()
    slip = SLIP.ripened(slips.record(row), work.at)
    return claims.of_slip(work.session, site, row, slip) if slip.state in SLIP_IN_USE else ()


def _of_visit(work: Work, row: WorkflowRecord, *, turns: bool) -> Sequence[Wording]:
    site, visit = work.session.get_one(Site, row.site_id), VISIT.ripened(visits.record(row), work.at)
    is_good = telling.is_told(visit) and work.at < visit.terms.valid_until and not telling.is_off(work, row)
    return claims.of_visit(work.session, site, row, visit, turns=turns) if is_good else ()


def _issued(work: Work, row: WorkflowRecord, wordings: Sequence[Wording]) -> str:
    site = work.session.get_one(Site, row.site_id)
    before = told_now(site, row)
    text = issued(work, site, wordings)
    tell(work, site, row, before)
    return text


def told_now(site: Site, row: WorkflowRecord) -> Sequence[AnyRecord]:
    """Return what gates are told of a pass by now; of visits the stream itself is asked, and slips' codes are not told."""
    return passes.rules(site, row, passes.record(row)) if row.workflow == PASS.name else ()


def tell(work: Work, site: Site, row: WorkflowRecord, before: Sequence[AnyRecord]) -> None:
    """Tell gates of a code that was issued, or is to be forgotten; `before` is what they were told of a pass."""
    if row.workflow == VISIT.name:
        telling.tell(work, site, [row])
    else:
        stream.publish(work.session, site, before=told_to(EVERYONE, before), after=told_to(EVERYONE, told_now(site, row)))


def _check_prints(work: Work, kind: str) -> None:
    """Let only those print who may also change such records: whoever has the text can be let in by it."""
    area = AREAS[kind]
    if work.actor.role not in RIGHTS[area].write or not work.actor.reaches(area, writes=True):
        raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)


def _check_part(kind: str, part: str) -> None:
    if part not in PARTS[kind]:
        raise RegistryError("it has no such part", 404, "part")


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
