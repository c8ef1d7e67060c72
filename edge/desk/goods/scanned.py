"""Codes of slips that are scanned: noted where nobody has told this gate of the slip, so that their pages need them no more."""

from uuid import UUID, uuid4

from access.passes import Pass
from edge.desk.booth import Booth
from edge.desk.goods import codes, words
from edge.desk.goods.doing import Doing
from edge.desk.goods.standing import standing_of
from edge.desk.recording import now
from edge.desk.sessions import Session


async def slip_of(booth: Booth, guard: Session, says: Pass) -> UUID | str:
    """Return the slip of a checked code, or why goods do not go out on it here (words, not translated).

    One that is known by its code alone is noted as shown; where that cannot be, it is remembered until the next start.
    """
    at = now(booth)
    if standing_of(says.id, booth.book.pages, at) is not None:
        return says.id
    rules = codes.rules_of(booth)
    if codes.is_withdrawn(says.id, rules, at):
        return words.CODE_WITHDRAWN
    if rules is None or not codes.fits_here(says, booth, rules):
        return words.OTHER_GATES
    codes.remember(says)
    await Doing(booth, guard, uuid4(), 0.0).present(codes.standing_by_code(says))
    return says.id
