"""gatehouse-central users and tokens: people of the office and programs that may sign in."""

import os
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from central.at_machine import DEFAULT_DATA, AsJson, Data, Database, SiteSlug, at_work, opened, site_of, tell
from central.errors import RegistryError
from central.records.schemas import PAGE_MAX, Name
from central.registry import Work
from central.users import administration, programs
from central.users import services as users
from central.users.rights import ROLES, Role, named_role
from central.users.schemas import (
    TOKEN_DAYS_MAX,
    ApiTokensAsked,
    ApiTokenShown,
    ApiTokenWanted,
    Badge,
    Scopes,
    UsersAsked,
    UserShown,
)

PASSWORD_VARIABLE = "GATEHOUSE_PASSWORD"  # noqa: S105 - the name of a variable, no password
users_app = typer.Typer(no_args_is_help=True, help="People of the office who may sign in.")
tokens_app = typer.Typer(no_args_is_help=True, help="Programs that may ask the office's API.")
UserNamed = Annotated[str, typer.Argument(help="Name of the user.")]
RoleNamed = Annotated[str, typer.Option("--role", help=f"One of: {', '.join(ROLES)}.")]
Url = Annotated[str, typer.Option(help="Address of the office's pages, for the link.")]
_names: TypeAdapter[str] = TypeAdapter(Name)
_badges: TypeAdapter[str] = TypeAdapter(Badge)
_scopes_of: TypeAdapter[Scopes] = TypeAdapter(Scopes)
OFFICE = "http://127.0.0.1:8800"


@users_app.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: RoleNamed,
    site: SiteSlug = "",
    badge: Annotated[str, typer.Option(help="The badge that a guard acts under, if the name is another.")] = "",
    database: Database = "",
    data: Data = DEFAULT_DATA,
    url: Url = OFFICE,
    password: Annotated[bool, typer.Option(help=f"Ask for a password (or take ${PASSWORD_VARIABLE}); no link.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a user; prints a link that signs them in once within 24 hours."""
    chosen = _chosen_password() if password else None
    with at_work(database, data) as work:
        user = users.add_user(work, _name(name), _role(role), chosen, site_of(work, site), _badge(badge))
        link = None if chosen else _link(url, users.link_for(work, user))
    tell({"name": name, "link": link}, link or f"{name} may sign in", as_json=as_json)


@users_app.command("link")
def link_user(
    name: UserNamed, database: Database = "", data: Data = DEFAULT_DATA, url: Url = OFFICE, as_json: AsJson = False
) -> None:
    """Make a new one-time link for a user; an earlier one ends."""
    with at_work(database, data) as work:
        link = _link(url, users.new_link(work, name))
    tell({"name": name, "link": link}, link, as_json=as_json)


@users_app.command("list")
def list_users(database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List all users with role and site."""
    with opened(database, data) as registry, registry.read() as work:
        listed = _all_users(work)
    tell(
        [user.model_dump(mode="json") for user in listed], "\n".join(map(_user_in_a_line, listed)) or "no users", as_json=as_json
    )


@users_app.command("disable")
def disable_user(name: UserNamed, database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Let a user sign in no more; what is signed in ends."""
    with at_work(database, data) as work:
        shown = administration.disable(work, users.named(work, name).id)
    tell(shown.model_dump(mode="json"), f"{name} is disabled", as_json=as_json)


@users_app.command("enable")
def enable_user(name: UserNamed, database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Let a user sign in again."""
    with at_work(database, data) as work:
        shown = administration.enable(work, users.named(work, name).id)
    tell(shown.model_dump(mode="json"), f"{name} may sign in", as_json=as_json)


@tokens_app.command("create")
def create_token(
    role: RoleNamed,
    site: SiteSlug = "",
    name: Annotated[str, typer.Option(help="What the program is called in the audit.")] = "program",
    days: Annotated[
        int | None, typer.Option(min=1, max=TOKEN_DAYS_MAX, help="How long it lasts; this or --no-end is needed.")
    ] = None,
    no_end: Annotated[bool, typer.Option("--no-end", help="It lasts until it is revoked.")] = False,
    scope: Annotated[
        list[str] | None, typer.Option(help='Area that it is for, as "log:read" or "visits:write"; may be given again.')
    ] = None,
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print a token by which a program may ask the API; it is shown this once."""
    with at_work(database, data) as work:
        if (days is None) is not no_end:
            raise RegistryError("say how long it lasts: --days, or --no-end", 422, "days")
        wanted = ApiTokenWanted(
            name=_name(name), role=_role(role), site=site_of(work, site), scopes=_scopes(scope or []), expires_in_days=days
        )
        made = programs.make(work, wanted)
    tell(made.model_dump(mode="json"), made.token, as_json=as_json)


@tokens_app.command("list")
def list_tokens(database: Database = "", data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the tokens of programs, revoked ones too."""
    with opened(database, data) as registry, registry.read() as work:
        listed = _all_tokens(work)
    tell(
        [token.model_dump(mode="json") for token in listed],
        "\n".join(map(_token_in_a_line, listed)) or "no tokens",
        as_json=as_json,
    )


@tokens_app.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(help="Name or id of the token.")],
    database: Database = "",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let a token authenticate no more."""
    with at_work(database, data) as work:
        found = _token_named(work, token)
        programs.revoke(work, found)
    tell({"id": found}, f"{token} is revoked", as_json=as_json)


def _all_users(work: Work) -> list[UserShown]:
    found = administration.page(work, UsersAsked(limit=PAGE_MAX))
    listed = found.items
    while found.more:
        found = administration.page(work, UsersAsked(limit=PAGE_MAX, after=found.more))
        listed += found.items
    return listed


def _all_tokens(work: Work) -> list[ApiTokenShown]:
    found = programs.page(work, ApiTokensAsked(limit=PAGE_MAX))
    listed = found.items
    while found.more:
        found = programs.page(work, ApiTokensAsked(limit=PAGE_MAX, after=found.more))
        listed += found.items
    return listed


def _token_named(work: Work, text: str) -> UUID:
    """Return the id of the token of this id or name that is not revoked; RegistryError 404, and 409 where several have it."""
    ids = [token.id for token in _all_tokens(work) if token.revoked_at is None and text in {token.name, str(token.id)}]
    if not ids:
        raise RegistryError("there is no token {name}", 404, "token", name=text)
    if len(ids) > 1:
        told = ", ".join(map(str, ids))
        raise RegistryError("several tokens are called {name}: name one by its id: {ids}", 409, "token", name=text, ids=told)
    return ids[0]


def _user_in_a_line(user: UserShown) -> str:
    badge = f"badge {user.badge}" if user.badge else ""
    parts = (user.name, user.role, user.site_id or "all sites", badge, "disabled" if user.disabled_at else "")
    return " · ".join(str(part) for part in parts if part)


def _token_in_a_line(token: ApiTokenShown) -> str:
    ends = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else ""
    parts = (token.name, token.role, token.site_id or "all sites", ends, "revoked" if token.revoked_at else "", token.id)
    return " · ".join(str(part) for part in parts if part)


def _chosen_password() -> str:
    entered: str = os.environ.get(PASSWORD_VARIABLE) or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered


def _role(text: str) -> Role:
    role = named_role(text)
    if role is None:
        raise RegistryError("the role is one of {roles}", 422, "role", roles=", ".join(ROLES))
    return role


def _name(text: str) -> str:
    try:
        return _names.validate_python(text)
    except ValidationError as error:
        raise RegistryError("a name is 1 to 200 characters that can be printed", 422, "name") from error


def _scopes(texts: list[str]) -> Scopes | None:
    try:
        given = dict(text.rpartition(":")[::2] for text in texts)
        return _scopes_of.validate_python(given) if texts else None
    except ValidationError as error:
        raise RegistryError("a scope is an area with read or write, as log:read", 422, "scope") from error


def _badge(text: str) -> str | None:
    try:
        return _badges.validate_python(text) if text else None
    except ValidationError as error:
        raise RegistryError("a badge is 1 to 10 digits", 422, "badge") from error


def _link(url: str, token: str) -> str:
    return f"{url.rstrip('/')}/sign-in?link={token}"
