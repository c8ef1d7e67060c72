"""Who may do what: one table of areas and roles. What is not named here is denied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal[
    "guard",
    "shift_leader",
    "front_desk",
    "registrar",
    "goods_clerk",
    "goods_checker",
    "security_officer",
    "site_manager",
    "auditor",
    "system_admin",
    "integration",
]
ROLES: tuple[Role, ...] = get_args(Role)
# What these were called before there were others.
FORMER_ROLES: Mapping[str, Role] = {"admin": "site_manager", "clerk": "registrar"}

Area = Literal[
    "places",
    "people",
    "id numbers",
    "vehicles",
    "cards",
    "keys",
    "pass keys",
    "access rules",
    "blocks",
    "visits",
    "host links",
    "host",
    "contractors",
    "goods",
    "guards",
    "duty",
    "board",
    "whereabouts",
    "applicants",
    "log",
    "log exports",
    "disputes",
    "conflicts",
    "commands",
    "edges",
    "health",
    "users",
    "audit",
    "erasures",
    "retention",
    "retention clock",
    "privacy",
    "subjects",
    "reveals",
    "looks",
    "files",
    "me",
]


@dataclass(frozen=True, slots=True)
class Right:
    """Which roles may read what is in an area, and which may change it."""

    read: frozenset[str]
    write: frozenset[str]


def _right(*write: Role, read: tuple[Role, ...] = ()) -> Right:
    return Right(frozenset(write) | frozenset(read), frozenset(write))


_POST: tuple[Role, ...] = ("guard", "shift_leader")
_DESK: tuple[Role, ...] = ("front_desk", "registrar", "site_manager")
_LOOKS: tuple[Role, ...] = ("security_officer", "auditor")

RIGHTS: Mapping[Area, Right] = {
    "places": _right("system_admin", "site_manager", read=ROLES),
    "people": _right("registrar", "site_manager", read=("front_desk", *_LOOKS)),
    # To ask is to read, though it is a POST: an ID number is no part of an address.
    "id numbers": _right(*_DESK, *_LOOKS),
    "vehicles": _right("registrar", "site_manager", read=("front_desk", *_LOOKS)),
    "cards": _right("registrar", "site_manager", read=("front_desk", *_LOOKS)),
    "keys": _right(*_DESK, read=("auditor", "shift_leader")),
    "pass keys": _right("security_officer", "system_admin", read=("site_manager", "auditor")),
    "access rules": _right("security_officer", "site_manager", read=("registrar", "auditor", "system_admin")),
    "blocks": _right("security_officer", "site_manager", read=("registrar", "front_desk", "auditor", *_POST)),
    "visits": _right(*_DESK, *_POST, read=_LOOKS),
    "host links": _right(*_DESK, read=("auditor",)),
    # Whoever holds a host's link: no user has this role.
    "host": Right(frozenset({"host"}), frozenset({"host"})),
    "contractors": _right("registrar", "site_manager", *_POST, read=("front_desk", *_LOOKS)),
    "goods": _right("front_desk", "goods_clerk", "goods_checker", "site_manager", *_POST, read=_LOOKS),
    "guards": _right("site_manager", read=("front_desk", "integration", *_POST, *_LOOKS)),
    "duty": _right("site_manager", "integration", *_POST, read=("front_desk", *_LOOKS)),
    "board": _right(*_DESK, *_POST, read=(*_LOOKS, "goods_clerk", "goods_checker", "integration")),
    "whereabouts": _right(*_DESK, *_POST, read=_LOOKS),
    "applicants": _right(*_DESK, read=("auditor",)),
    "disputes": _right(read=("security_officer", "site_manager", "auditor")),
    "log": _right(read=("registrar", "site_manager", "shift_leader", *_LOOKS)),
    # To take it out is to read, though some of it is a POST: it is written down, and what much of it is for.
    "log exports": _right("registrar", "site_manager", "shift_leader", *_LOOKS),
    "conflicts": _right("site_manager", "security_officer", read=("auditor", "shift_leader")),
    "commands": _right("site_manager", "security_officer", "shift_leader", read=("auditor",)),
    "edges": _right("system_admin", "site_manager", read=("security_officer", "auditor")),
    "health": _right("system_admin", "site_manager", read=("security_officer", "auditor", "registrar", *_POST)),
    "users": _right("system_admin", read=("site_manager", "auditor")),
    "audit": _right(read=("site_manager", *_LOOKS)),
    "erasures": _right("security_officer", "site_manager", read=("auditor",)),
    "retention": _right("security_officer", "site_manager", read=("auditor",)),
    "retention clock": _right("security_officer", "site_manager", "system_admin", read=("auditor",)),
    "privacy": _right("security_officer", "site_manager", read=ROLES),
    # To ask is to read, though it is a POST: what it is asked for is written down.
    "subjects": _right("security_officer", "site_manager"),
    # Those for whom something is masked that they may see for a purpose; each needs the right to what it is in besides.
    "reveals": _right("shift_leader", *_LOOKS),
    # Who looked at whom is for those who look on: the others are looked at.
    "looks": _right(read=("auditor",)),
    # Each file needs the right to what is in it besides.
    "files": _right(*ROLES),
    "me": Right(frozenset({*ROLES, "host"}), frozenset({*ROLES, "host"})),
}


def named_role(text: str) -> Role | None:
    """Return the role of this name, a former one too; None for no role."""
    return next((role for role in ROLES if role == FORMER_ROLES.get(text, text)), None)
