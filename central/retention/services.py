"""What goes, and when. Each piece is a transaction of its own: nobody waits for more than one of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Delete, Text, case, cast, delete, func, or_, select

from access.sharing import SET
from central.booth.kinds import PASSAGE
from central.booth.repository import REFUSED
from central.booth.tables import BoothAct, BoothCount
from central.codes.tables import IssuedCode
from central.duty.tables import Applicant
from central.early.services import IS_LOST
from central.edges.trust import ACTIVE, WRONG_KEY
from central.files.repository import ended_before as ended_imports
from central.records.idempotency import KEPT_FOR
from central.records.tables import IdempotencyKey
from central.registry import Registry, Work
from central.sync_tables import EarlyEntry, EdgeEvent, JournalCheckpoint, RemoteCommand, SharedFact
from central.tables import Edge, EnrolmentToken, UserSession
from central.users.tables import HostLink, OidcTry, WrongPasswords

DAY_US: Final = 86_400_000_000
ALL_CHECKPOINTS_US: Final = DAY_US
# Nothing else tells of an alarm whose epoch ended before it: the gate has lost its entry.
LOST_ALARM_SHOWN: Final = timedelta(days=7)


def let_go(registry: Registry, keep: timedelta) -> int:
    """Delete what has had its time; `keep` is for what people may still ask about. Returns how many rows went."""
    count = 0
    with registry.read() as work:
        pieces = [*_checkpoints(work), *_ended_facts(work, keep), *_of_office(work.at - keep, work.at), _lost_alarms(work.at)]
    for piece in pieces:
        with registry.write() as work:
            count += work.session.connection().execute(piece).rowcount
    return count


def _checkpoints(work: Work) -> Iterator[Delete]:
    """Keep of what is older than a day the disputed ones, the last that an epoch had on each day, and what no tree holds yet."""
    row = JournalCheckpoint
    before_us = _us(work.at) - ALL_CHECKPOINTS_US
    for edge, epoch in work.session.execute(select(row.edge_id, row.epoch).distinct()):
        of_epoch = (row.edge_id == edge, row.epoch == epoch)
        last = select(func.max(row.seq)).where(*of_epoch).group_by(row.received_us // DAY_US)
        may_go = (row.received_us < before_us, row.leaf.is_not(None), row.agrees.is_not(False))
        yield delete(row).where(*of_epoch, *may_go, row.seq.not_in(last))


def _ended_facts(work: Work, keep: timedelta) -> Iterator[Delete]:
    """Let what was dropped, or says that somebody is outside, go after `keep`, when all gates of the site have heard it."""
    heard = select(Edge.site_id, func.min(Edge.facts_through)).where(Edge.status == ACTIVE).group_by(Edge.site_id)
    for site, through in work.session.execute(heard):
        yield _ended_facts_of(site, min(_us(work.at - keep), through))


def _ended_facts_of(site: UUID, through: int) -> Delete:
    """Delete all words on a fact of which the last says that it has ended: alone it would leave an older one to be believed."""
    row = SharedFact
    value = cast(row.value, Text)
    ended = or_(value.is_(None), value.startswith('["",'))
    ended_us, other_us = (func.max(case((which, row.at_us))) for which in (ended, ~ended))
    over = (func.max(row.cursor) <= through, or_(other_us.is_(None), other_us < ended_us))
    names = select(row.name).where(row.site_id == site, row.how == SET).group_by(row.name).having(*over)
    # The cursor again: on PostgreSQL a word may have become another while this waited for its row.
    return delete(row).where(row.site_id == site, row.how == SET, row.cursor <= through, row.name.in_(names))


def _of_office(before: datetime, at: datetime) -> Iterator[Delete]:
    """Let commands, tokens, links, kept replies, counts and tries with a wrong key go; who enrolled or ended an edge stays.

    Of what became of guards' acts the refused ones stay: the conflict ledger goes by them.
    """
    yield delete(RemoteCommand).where(RemoteCommand.expires_at < before)
    yield delete(IdempotencyKey).where(IdempotencyKey.created_at < at - KEPT_FOR)
    yield delete(EnrolmentToken).where(EnrolmentToken.expires_at < before)
    yield delete(HostLink).where(func.coalesce(HostLink.revoked_at, HostLink.expires_at) < before)
    yield delete(WrongPasswords).where(WrongPasswords.forget_at < at)
    yield delete(OidcTry).where(OidcTry.expires_at < at)
    yield delete(UserSession).where(UserSession.expires_at < at)
    yield delete(Applicant).where(Applicant.state.in_(("done", "sent_away")), Applicant.came_at < before)
    yield from ended_imports(before)
    yield delete(IssuedCode).where(IssuedCode.forget_at.is_(None), IssuedCode.valid_until_s < int(before.timestamp()))
    yield delete(BoothAct).where(BoothAct.followed_at < before, or_(BoothAct.outcome != REFUSED, BoothAct.kind == PASSAGE))
    yield delete(BoothCount).where(BoothCount.at < before)
    yield delete(EdgeEvent).where(EdgeEvent.at < before, EdgeEvent.what == WRONG_KEY)


def _lost_alarms(at: datetime) -> Delete:
    return delete(EarlyEntry).where(EarlyEntry.received_at < at - LOST_ALARM_SHOWN, IS_LOST)


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
