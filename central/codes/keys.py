"""The keys by which a site's passes are signed: made, turned over, let go, taken back; gates hear of each at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.contract.records import PassKeyRecord
from access.passes import SKEW_S, kid_of
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.audit import services as audit
from central.codes.schemas import PassKeyShown
from central.codes.tables import IssuedCode, PassKeyRow
from central.errors import RegistryError
from central.records.turns import take_turn
from central.registry import Work
from central.sites.existing import existing_site
from central.tables import Site

KIND: Final = "pass_keys"
ACTIVE, RETIRED, REVOKED = "active", "retired", "revoked"
ACTIVE_MAX: Final = 2
KEYS_SHOWN: Final = 100
PRIVATE_BYTES: Final = 32
SHOWN: Final = PassKeyShown.model_fields.keys() - {"public_key", "signs", "is_here", "codes"}


@dataclass(frozen=True, slots=True)
class Signing:
    """A key that signs: its short name as text, and its private half."""

    kid: str
    private: bytes = field(repr=False)


def keys_of(work: Work, site_id: UUID) -> list[PassKeyShown]:
    """Show the last keys of a site, oldest first; RegistryError 404."""
    site = existing_site(work, site_id)
    query = select(PassKeyRow).where(PassKeyRow.site_id == site.id).order_by(PassKeyRow.id.desc()).limit(KEYS_SHOWN)
    rows = reversed(work.session.scalars(query).all())
    using = _signs_now(work, site.id)
    return [_shown(work, row, signs=row.kid == (using and using.kid)) for row in rows]


def rotate(work: Work, site_id: UUID, after_hours: int = 0) -> PassKeyShown:
    """Make another key, told to gates at once, that signs after so many hours; the former goes on being good.

    RegistryError 404, and 409 where two are active already.
    """
    site = _in_turn(work, site_id)
    if len(_active(work.session, site.id)) >= ACTIVE_MAX:
        raise RegistryError("two keys are active already: retire or revoke one of them first", 409, "status")
    row = _made(work, site, timedelta(hours=after_hours))
    return _shown(work, row, signs=after_hours == 0)


def retire(work: Work, site_id: UUID, kid: str, *, force: bool = False) -> PassKeyShown:
    """Let gates forget a key. RegistryError 404, and 409 where codes under it are still good (unless forced) or none other signs.

    Its private half goes by `PrivateKeys.drop`, once this is committed.
    """
    site = _in_turn(work, site_id)
    row = _active_named(work, site.id, kid)
    if len(_active(work.session, site.id)) < ACTIVE_MAX:
        raise RegistryError("this is the only key: make another first (rotate)", 409, "status")
    good = _codes_under(work, row)
    if good and not force:
        raise RegistryError("{count} codes under this key are still good: wait, or force it", 409, "force", count=good)
    return _ended(work, site, row, RETIRED)


def revoke(work: Work, site_id: UUID, kid: str, reason: str) -> PassKeyShown:
    """Let no code under a key be good any more, at once; where none is left, another is made. RegistryError 404 and 409.

    Of records that are still good codes are made anew, as they are printed or asked for. The private half goes as with `retire`.
    """
    site = _in_turn(work, site_id)
    shown = _ended(work, site, _active_named(work, site.id, kid), REVOKED, reason)
    if not _active(work.session, site.id):
        _made(work, site, timedelta())
    return shown


def make_first_key(work: Work, site_id: UUID) -> None:
    """Make a site's first key where it has none: a gate that is cut off later shall know it when the first code comes."""
    if not work.session.scalar(select(PassKeyRow.id).where(PassKeyRow.site_id == site_id).limit(1)):
        _made(work, _in_turn(work, site_id), timedelta())


def signing_key(work: Work, site: Site) -> Signing | None:
    """Return the key that signs now, the first one made for it; None where the private halves are lost.

    To be called within the site's turn.
    """
    found = _signs_now(work, site.id)
    if found is None and not _active(work.session, site.id):
        return _private(work, _made(work, site, timedelta()))
    return found


def standing_key(work: Work, site_id: UUID, kid: str) -> Signing | None:
    """Return the key of this name as long as gates take it and its private half is here."""
    row = next((row for row in _active(work.session, site_id) if row.kid == kid), None)
    return None if row is None else _private(work, row)


def _signs_now(work: Work, site_id: UUID) -> Signing | None:
    """Return the newest key that has begun to sign, or the oldest where none has: gates know either."""
    here = [(row, key) for row in _active(work.session, site_id) if (key := _private(work, row))]
    begun = [key for row, key in here if row.signs_from <= work.at]
    return begun[-1] if begun else here[0][1] if here else None


def _private(work: Work, row: PassKeyRow) -> Signing | None:
    private = work.pass_keys.find(row.site_id, row.kid)
    return None if private is None else Signing(row.kid, private)


def _active(session: Session, site_id: UUID) -> Sequence[PassKeyRow]:
    query = select(PassKeyRow).where(PassKeyRow.site_id == site_id, PassKeyRow.status == ACTIVE)
    return session.scalars(query.order_by(PassKeyRow.signs_from, PassKeyRow.id)).all()


def _active_named(work: Work, site_id: UUID, kid: str) -> PassKeyRow:
    row = next((row for row in _active(work.session, site_id) if row.kid == kid), None)
    if row is None:
        raise RegistryError("there is no active key {kid}", 404, "kid", kid=kid)
    return row


def _in_turn(work: Work, site_id: UUID) -> Site:
    site = existing_site(work, site_id)
    take_turn(work.session, site.id)
    return site


def _made(work: Work, site: Site, later: timedelta) -> PassKeyRow:
    private = Ed25519PrivateKey.from_private_bytes(work.rng(PRIVATE_BYTES))
    public = private.public_key().public_bytes_raw()
    row = PassKeyRow(
        id=work.new_id(),
        site_id=site.id,
        kid=kid_of(public).hex(),
        public_key=public,
        status=ACTIVE,
        made_at=work.at,
        made_by=work.actor.name,
        signs_from=work.at + later,
    )
    work.pass_keys.keep(site.id, row.kid, private.private_bytes_raw())
    work.session.add(row)
    work.session.flush()
    _note(work, row, "created", {"kid": row.kid, "public_key": public.hex(), "signs_from": row.signs_from.isoformat()})
    stream.publish(work.session, site, before=(), after=told_to(EVERYONE, (_record(row),)))
    return row


def _ended(work: Work, site: Site, row: PassKeyRow, status: str, reason: str = "") -> PassKeyShown:
    before = (_record(row),)
    row.status, row.reason, row.ended_at, row.ended_by = status, reason, work.at, work.actor.name
    work.session.flush()
    _note(work, row, status, {"kid": row.kid, "status": status}, reason)
    after = (_record(row),) if status == REVOKED else ()
    stream.publish(work.session, site, before=told_to(EVERYONE, before), after=told_to(EVERYONE, after))
    return _shown(work, row)


def _record(row: PassKeyRow) -> PassKeyRecord:
    status = REVOKED if row.status == REVOKED else ACTIVE
    return PassKeyRecord(id=row.id, kid=row.kid, public_key=row.public_key.hex(), status=status)


def _codes_under(work: Work, row: PassKeyRow) -> int:
    good = IssuedCode.valid_until_s > int(work.at.timestamp()) - SKEW_S
    query = select(func.count()).select_from(IssuedCode)
    return work.session.scalars(query.where(IssuedCode.site_id == row.site_id, IssuedCode.kid == row.kid, good)).one()


def _shown(work: Work, row: PassKeyRow, *, signs: bool = False) -> PassKeyShown:
    facts = {name: getattr(row, name) for name in SHOWN}
    is_here = row.status == ACTIVE and _private(work, row) is not None
    return PassKeyShown(**facts, public_key=row.public_key.hex(), signs=signs, is_here=is_here, codes=_codes_under(work, row))


def _note(work: Work, row: PassKeyRow, act: str, after: dict[str, str], reason: str = "") -> None:
    audit.note(work, KIND, row.id, row.site_id, act, version=0, after=after, reason=reason)
