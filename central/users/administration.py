"""Users as those see them who look after the machine."""

from collections.abc import Callable
from uuid import UUID

from central.errors import RegistryError
from central.records.concurrency import check_seen
from central.records.repository import flush
from central.records.schemas import Page
from central.registry import Work
from central.tables import User
from central.users import repository
from central.users.schemas import (
    UsersAsked,
    UserShown,
    UserWanted,
)
from central.users.services import (
    KIND,
    POSTED,
    add_user,
    badge_of,
    check_acting,
    check_badge,
    check_bounds,
    note,
    shown,
)


def page(work: Work, asked: UsersAsked) -> Page[UserShown]:
    """Show one page of the users."""
    rows = repository.page(work, asked)
    items = [shown(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def get(work: Work, user_id: UUID) -> UserShown:
    """Show a user; RegistryError 404."""
    return shown(repository.user(work, user_id))


def create(work: Work, wanted: UserWanted) -> UserShown:
    """Add a user, who signs in by a link that is made next; RegistryError 409 and 422."""
    return shown(add_user(work, wanted.name, wanted.role, site=wanted.site, badge=wanted.badge))


def change(work: Work, user_id: UUID, wanted: UserWanted, seen: int | None) -> UserShown:
    """Make a user what is wanted; RegistryError 404, 409, 422, and 403 for who would change the own role or site."""
    user = repository.user(work, user_id, changing=True)
    check_seen(work, KIND, user.id, shown(user).model_dump(mode="json"), seen, wanted.model_dump(mode="json"))
    if _is_self(work, user) and (wanted.role, wanted.site) != (user.role, user.site_id):
        raise RegistryError("nobody changes the own role or site: let another do it", 403, "role")
    _check_stays(user, wanted)
    badge = user.badge or wanted.badge
    check_badge(wanted.role, wanted.site, user.name, badge)
    check_bounds(work, wanted.site)
    check_acting(work, badge or user.name, wanted.site, user.id)

    def fill(row: User) -> None:
        row.role, row.site_id, row.badge = wanted.role, wanted.site, badge

    return _changed(work, user, "changed", fill)


def disable(work: Work, user_id: UUID, seen: int | None = None) -> UserShown:
    """Let a user sign in no more and end what is signed in; RegistryError 404, and 409 for oneself."""
    user = _to_act_on(work, user_id, seen)
    if _is_self(work, user):
        raise RegistryError("nobody disables himself: let another do it", 409, "id")

    def fill(row: User) -> None:
        row.disabled_at = row.disabled_at or work.at
        row.link_hash = row.link_expires_at = None

    repository.end_sessions(work.session, user.id)
    return _changed(work, user, "disabled", fill)


def enable(work: Work, user_id: UUID, seen: int | None = None) -> UserShown:
    """Let a user sign in again, by the password or link that there is then; RegistryError 404, and 409 for a badge given on."""
    user = _to_act_on(work, user_id, seen)
    if user.disabled_at is not None:
        check_acting(work, user.badge or user.name, user.site_id, user.id)
        repository.end_sessions(work.session, user.id)

    def fill(row: User) -> None:
        row.disabled_at = None

    return _changed(work, user, "enabled", fill)


def _to_act_on(work: Work, user_id: UUID, seen: int | None) -> User:
    user = repository.user(work, user_id, changing=True)
    check_seen(work, KIND, user.id, shown(user).model_dump(mode="json"), seen)
    return user


def _changed(work: Work, user: User, act: str, fill: Callable[[User], None]) -> UserShown:
    """Fill the row and, where that made it another, count and note it."""
    was = shown(user)
    fill(user)
    flush(work.session, "there is a user of this name already")
    if shown(user) != was:
        user.version += 1
        work.session.flush()
        note(work, user, act, was)
    return shown(user)


def _check_stays(user: User, wanted: UserWanted) -> None:
    """Raise RegistryError 409 where what was done in the past, or is half done, would come to be another's."""
    if wanted.name != user.name:
        raise RegistryError("the name of a user never changes: disable this user and make another", 409, "name")
    badge = badge_of(user)
    if badge is None:
        return
    if wanted.badge not in (None, badge):
        raise RegistryError("the badge of a user never changes: disable this user and make another", 409, "badge")
    if wanted.role not in POSTED:
        raise RegistryError("who acts under a badge stays a guard or leader: disable this user and make another", 409, "role")
    if wanted.site != user.site_id:
        raise RegistryError("who acts under a badge stays at its site: disable this user and make another", 409, "site")


def _is_self(work: Work, user: User) -> bool:
    return work.actor.id == user.id
