"""The leak review: who looked more, later, or at more than to be expected; each flag with its plain reason. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from central.looks.repository import BigExport, Pace, Watched
from central.looks.schemas import FlagShown, ReviewShown, UserLooks

BEFORE: Final = timedelta(days=28)
TIMES: Final = 3.0
# Fewer a day than this are no pace to speak of.
A_DAY_LEAST: Final = 10.0
PEERS_LEAST: Final = 3
NIGHT_LEAST: Final = 5
NIGHT: Final = frozenset({22, 23, 0, 1, 2, 3, 4, 5})
# They work at night.
OF_THE_NIGHT: Final = frozenset({"guard", "shift_leader", "integration"})
USERS_LEAST: Final = 5
ROWS_LEAST: Final = 1000
DAY: Final = timedelta(days=1)


@dataclass
class _User:
    looks: int = 0
    before: int = 0
    at_night: int = 0
    rows: int = 0
    by_kind: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def review(
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    paces: Iterable[Pace],
    watched: Sequence[Watched],
    exports: Sequence[BigExport],
) -> ReviewShown:
    """Return the review of a time; `paces` reach back by BEFORE, so that everyone is measured against himself."""
    users = _shown(since, until, _counted(since, zone, paces))
    flags = [
        *(flag for user in users for flag in _of_user(user, users)),
        *map(_of_subject, watched),
        *map(_of_export, exports),
    ]
    return ReviewShown(since=since, until=until, flags=flags, users=users)


def _counted(since: datetime, zone: ZoneInfo, paces: Iterable[Pace]) -> dict[tuple[str, str], _User]:
    users: dict[tuple[str, str], _User] = defaultdict(_User)
    for pace in paces:
        user, at = users[pace.by_name, pace.by_role], datetime.fromtimestamp(pace.hour * 3600, UTC)
        if at < since.replace(minute=0, second=0, microsecond=0):
            user.before += pace.looks
            continue
        user.looks += pace.looks
        user.rows += pace.rows
        user.by_kind[pace.kind] += pace.looks
        user.at_night += pace.looks if at.astimezone(zone).hour in NIGHT else 0
    return users


def _shown(since: datetime, until: datetime, users: dict[tuple[str, str], _User]) -> list[UserLooks]:
    days = max((until - since) / DAY, 1.0)
    shown = [
        UserLooks(
            by_name=name,
            by_role=role,
            looks=user.looks,
            by_kind=dict(sorted(user.by_kind.items())),
            at_night=user.at_night,
            a_day=round(user.looks / days, 2),
            a_day_before=round(user.before / (BEFORE / DAY), 2),
            rows=user.rows,
        )
        for (name, role), user in users.items()
        if user.looks
    ]
    return sorted(shown, key=lambda user: (-user.looks, user.by_name))


def _of_user(user: UserLooks, users: Sequence[UserLooks]) -> Iterator[FlagShown]:
    if user.a_day >= A_DAY_LEAST and user.a_day > TIMES * user.a_day_before:
        yield _flag(
            "own_pace",
            user.by_name,
            user.by_role,
            user.looks,
            user.a_day_before,
            zh=f"每天查看 {user.a_day} 次，此前四周每天 {user.a_day_before} 次",
            en=f"looked {user.a_day} times a day, in the four weeks before {user.a_day_before} times",
        )
    peers = [each.a_day for each in users if each.by_role == user.by_role and each.by_name != user.by_name]
    if len(peers) >= PEERS_LEAST and user.a_day >= A_DAY_LEAST and user.a_day > TIMES * median(peers):
        usual = round(median(peers), 2)
        yield _flag(
            "peers",
            user.by_name,
            user.by_role,
            user.looks,
            usual,
            zh=f"每天查看 {user.a_day} 次，同岗位其他人一般 {usual} 次",
            en=f"looked {user.a_day} times a day, others of the role usually {usual} times",
        )
    if user.at_night >= NIGHT_LEAST and user.by_role not in OF_THE_NIGHT:
        yield _flag(
            "night",
            user.by_name,
            user.by_role,
            user.at_night,
            0,
            zh=f"夜间（22:00 至 6:00）查看 {user.at_night} 次",
            en=f"looked {user.at_night} times at night (22:00 to 6:00)",
        )


def _of_subject(watched: Watched) -> FlagShown:
    flag = _flag(
        "one_subject",
        "",
        "",
        watched.users,
        USERS_LEAST,
        zh=f"{watched.users} 人共 {watched.looks} 次查看同一对象",
        en=f"{watched.users} users looked at the same one, {watched.looks} times in all",
    )
    return flag.model_copy(update={"subject_kind": watched.kind, "subject_id": watched.id})


def _of_export(export: BigExport) -> FlagShown:
    flag = _flag(
        "big_export",
        export.by_name,
        export.by_role,
        export.rows,
        ROWS_LEAST,
        zh=f"一次导出 {export.rows} 行",
        en=f"took out {export.rows} rows in one file",
    )
    return flag.model_copy(update={"subject_kind": export.kind})


def _flag(kind: str, by_name: str, by_role: str, count: int, expected: float, *, zh: str, en: str) -> FlagShown:
    return FlagShown.model_validate(
        {
            "kind": kind,
            "by_name": by_name,
            "by_role": by_role,
            "subject_kind": "",
            "subject_id": None,
            "count": count,
            "expected": expected,
            "zh": zh,
            "en": en,
        }
    )
