"""Codes as they are issued: the same terms have the same text, as long as its key is good; others are made anew."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from access.passes import SKEW_S, Pass
from central.codes.claims import Wording, as_kept, fitted
from central.codes.keys import Signing, signing_key, standing_key
from central.codes.tables import IssuedCode
from central.errors import RegistryError
from central.records.turns import take_turn
from central.registry import Work
from central.tables import Site

SKEW = timedelta(seconds=SKEW_S)
log = structlog.get_logger("central.codes")


def issued(work: Work, site: Site, wordings: Sequence[Wording]) -> str:
    """Return the text of a code, issued where that has not been done; RegistryError 409 where it cannot be signed.

    Who is told of it is for the caller: a code of whose record gates know is told with it (`central.codes.told`).
    """
    take_turn(work.session, site.id)
    if text := standing(work, wordings):
        return text
    key = signing_key(work, site)
    if key is None:
        raise RegistryError("the private keys of this site's codes are lost: make another (pass-keys rotate)", 409)
    says, text = _fitted(wordings, key, int(work.at.timestamp()))
    row = work.session.get(IssuedCode, _place(says))
    if row is None:
        row = IssuedCode(record_id=says.id, part=says.part, turns=says.turns, site_id=site.id, forget_at=None)
        work.session.add(row)
    row.kid, row.issued_s, row.claims = key.kid, says.issued, dict(as_kept(says))
    row.valid_from_s, row.valid_until_s = says.valid_from, says.valid_until
    row.forget_at = _forget_at(row.forget_at, says)
    work.session.flush()
    return text


def standing(work: Work, wordings: Sequence[Wording]) -> str:
    """Return the text of a code that was issued for these terms, made again; empty where there is none that is good."""
    if not wordings:
        raise RegistryError("it has no code now: it is not approved, or over, or its gates are gone", 409, "state")
    row = work.session.get(IssuedCode, _place(wordings[0].says))
    key = None if row is None else standing_key(work, row.site_id, row.kid)
    if row is None or key is None:
        return ""
    says, text = _fitted(wordings, key, row.issued_s)
    return text if as_kept(says) == row.claims else ""


def issued_if_possible(work: Work, site: Site, wordings: Sequence[Wording]) -> None:
    """Issue a code with what its record is approved by; that stands all the same where no code can be made."""
    if not wordings:
        return
    try:
        issued(work, site, wordings)
    except RegistryError as error:
        log.warning("a code could not be made", record=str(wordings[0].says.id), why=error.message)


def _fitted(wordings: Sequence[Wording], key: Signing, issued_s: int) -> tuple[Pass, str]:
    try:
        return fitted(wordings, key.private, issued_s)
    except ValueError as error:
        raise RegistryError("its terms are too long for a code", 409) from error


def _place(says: Pass) -> tuple[object, ...]:
    return says.id, says.part, says.turns


def _forget_at(standing: datetime | None, says: Pass) -> datetime | None:
    """Return until when gates must know of what opens: an earlier paper may be good for longer than this one.

    A gate takes a code until five minutes after its window, by a clock that may be five minutes behind.
    """
    if says.kind == "slip" or says.part == "D":
        return None
    until = datetime.fromtimestamp(says.valid_until, UTC) + 2 * SKEW
    return until if standing is None else max(standing, until)
