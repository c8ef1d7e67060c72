"""Signing in over the API, what everybody may do of oneself, users, and the tokens of programs."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from central.audit import services as audit
from central.audit.schemas import AuditShown, HistoryQuery
from central.records.desk import ADesk, AWritingDesk, Seen, SeenIfGiven
from central.records.openapi import CREATES, READS, WRITES, problems
from central.records.schemas import Page, PlacedPage
from central.registry import TheRegistry, Work
from central.users import administration, programs, repository, services, sessions
from central.users.access import agent_of, allow, stranger
from central.users.schemas import (
    ApiTokenMade,
    ApiTokenShown,
    ApiTokensQuery,
    ApiTokenWanted,
    LinkMade,
    LinkSignInWanted,
    MeShown,
    PasswordWanted,
    SessionShown,
    SessionsQuery,
    SignInWanted,
    Token,
    TokenRotationWanted,
    UserShown,
    UsersQuery,
    UserWanted,
)

SIGNS_IN = problems(401, 403, 413, 422, 429, 503)
CHANGES_PASSWORD = problems(401, 403, 409, 413, 422, 429, 503)
router = APIRouter()
signing_in = APIRouter(tags=["me"])
me = APIRouter(tags=["me"], dependencies=[Depends(allow("me"))])
users = APIRouter(prefix="/users", tags=["users"], dependencies=[Depends(allow("users"))])
tokens = APIRouter(prefix="/tokens", tags=["users"], dependencies=[Depends(allow("users"))])


@signing_in.post("/sign-in", operation_id="sign_in", responses=SIGNS_IN)
def sign_in(request: Request, registry: TheRegistry, wanted: SignInWanted) -> Token:
    """Get a bearer token for name and password."""
    password = wanted.password.get_secret_value()
    return _token(services.sign_in(registry, stranger(request), wanted.name, password, agent_of(request)))


@signing_in.post("/sign-in/link", operation_id="sign_in_by_link", responses=SIGNS_IN)
def sign_in_by_link(request: Request, registry: TheRegistry, wanted: LinkSignInWanted) -> Token:
    """Get a bearer token for a one-time link, and set a password if one is given."""
    password = wanted.password.get_secret_value() if wanted.password else ""
    return _token(services.enter_by_link(registry, stranger(request), wanted.link, password, agent_of(request)))


@me.post("/sign-out", operation_id="sign_out", responses=WRITES, status_code=204)
def sign_out(desk: ADesk) -> None:
    """End the session of this token, or the link of a host; a program's token is revoked by others."""
    with desk.writing() as work:
        services.sign_out(work, desk.visitor.token)


@me.get("/me", operation_id="get_me", responses=READS)
async def get_me(desk: ADesk) -> MeShown:
    """Show who is signed in, and what may be done."""
    visitor = desk.visitor
    actor = visitor.actor
    return MeShown(name=actor.name, role=actor.role, site_id=actor.site, expires_at=visitor.expires_at, areas=visitor.areas)


@me.get("/me/sessions", operation_id="list_my_sessions", responses=READS)
def list_my_sessions(desk: ADesk, asked: SessionsQuery) -> PlacedPage[SessionShown]:
    """List the own sessions, oldest first."""
    with desk.reading() as work:
        return sessions.page(work, sessions.of_self(work).id, desk.visitor.token, asked)


@me.delete("/me/sessions/{session_id}", operation_id="end_my_session", responses=WRITES, status_code=204)
def end_my_session(desk: AWritingDesk, session_id: UUID) -> Response:
    """End one of the own sessions."""
    return desk.change(lambda work: sessions.end(work, sessions.of_self(work), session_id))


@me.post("/sign-out/everywhere", operation_id="sign_out_everywhere", responses=WRITES, status_code=204)
def sign_out_everywhere(desk: ADesk) -> None:
    """End all own sessions, this one too."""
    with desk.writing() as work:
        sessions.end_all(work, sessions.of_self(work))


@me.post("/me/password", operation_id="change_my_password", responses=CHANGES_PASSWORD, status_code=204)
def change_my_password(desk: ADesk, wanted: PasswordWanted) -> None:
    """Change the own password; all other sessions end, and so does a link that was not used."""
    old, new = wanted.old.get_secret_value(), wanted.new.get_secret_value()
    visitor = desk.visitor
    services.change_password(desk.registry, visitor.actor, visitor.token, old, new)


@users.get("", operation_id="list_users", responses=READS)
def list_users(desk: ADesk, asked: UsersQuery) -> Page[UserShown]:
    """List users, oldest first."""
    with desk.reading() as work:
        return administration.page(work, asked)


@users.post("", operation_id="create_user", responses=CREATES, status_code=201, response_model=UserShown)
def create_user(desk: AWritingDesk, wanted: UserWanted) -> Response:
    """Add a user, who signs in by a link that is made next."""
    return desk.change(lambda work: administration.create(work, wanted), 201)


@users.get("/{record_id}", operation_id="get_user", responses=READS, response_model=UserShown)
def get_user(desk: ADesk, record_id: UUID) -> Response:
    """Show one user."""
    return desk.show(lambda work: administration.get(work, record_id))


@users.put("/{record_id}", operation_id="change_user", responses=WRITES, response_model=UserShown)
def change_user(desk: AWritingDesk, record_id: UUID, wanted: UserWanted, seen: Seen) -> Response:
    """Change role and site of a user; a name and a badge never change, and nobody changes the own role or site."""
    return desk.change(lambda work: administration.change(work, record_id, wanted, seen))


@users.get("/{record_id}/history", operation_id="history_of_user", responses=READS)
def history_of_user(desk: ADesk, record_id: UUID, asked: HistoryQuery) -> Page[AuditShown]:
    """List what was done with a user, newest first, signing in too."""
    with desk.reading() as work:
        return audit.history(work, services.KIND, repository.user(work, record_id).id, asked)


@users.post("/{record_id}/link", operation_id="make_link_of_user", responses=CREATES, status_code=201, response_model=LinkMade)
def make_link(desk: AWritingDesk, record_id: UUID) -> Response:
    """Make a link that signs the user in once within 24 hours; it is shown this once, and an earlier one ends."""

    def make(work: Work) -> LinkMade:
        token = services.link_for(work, repository.user(work, record_id, changing=True))
        return LinkMade(token=token, path=f"/sign-in?link={token}", expires_at=work.at + services.LINK_LASTS)

    return desk.tell_once(make)


@users.post("/{record_id}/disable", operation_id="disable_user", responses=WRITES, response_model=UserShown)
def disable_user(desk: AWritingDesk, record_id: UUID, seen: SeenIfGiven = None) -> Response:
    """Let a user sign in no more; sessions and links end."""
    return desk.change(lambda work: administration.disable(work, record_id, seen))


@users.post("/{record_id}/enable", operation_id="enable_user", responses=WRITES, response_model=UserShown)
def enable_user(desk: AWritingDesk, record_id: UUID, seen: SeenIfGiven = None) -> Response:
    """Let a user sign in again."""
    return desk.change(lambda work: administration.enable(work, record_id, seen))


@users.get("/{record_id}/sessions", operation_id="list_sessions_of_user", responses=READS)
def list_sessions(desk: ADesk, record_id: UUID, asked: SessionsQuery) -> PlacedPage[SessionShown]:
    """List the sessions of a user, oldest first."""
    with desk.reading() as work:
        return sessions.page(work, repository.user(work, record_id).id, desk.visitor.token, asked)


@users.delete("/{record_id}/sessions/{session_id}", operation_id="end_session_of_user", responses=WRITES, status_code=204)
def end_session(desk: AWritingDesk, record_id: UUID, session_id: UUID) -> Response:
    """End one session of a user."""
    return desk.change(lambda work: sessions.end(work, repository.user(work, record_id, changing=True), session_id))


@users.post("/{record_id}/end-sessions", operation_id="end_sessions_of_user", responses=WRITES, status_code=204)
def end_sessions(desk: AWritingDesk, record_id: UUID) -> Response:
    """End all sessions of a user."""
    return desk.change(lambda work: sessions.end_all(work, repository.user(work, record_id, changing=True)))


@tokens.get("", operation_id="list_tokens", responses=READS)
def list_tokens(desk: ADesk, asked: ApiTokensQuery) -> Page[ApiTokenShown]:
    """List the tokens of programs, oldest first, revoked ones too."""
    with desk.reading() as work:
        return programs.page(work, asked)


@tokens.post("", operation_id="create_token", responses=CREATES, status_code=201, response_model=ApiTokenMade)
def create_token(desk: AWritingDesk, wanted: ApiTokenWanted) -> Response:
    """Make a token for a program; it is shown this once."""
    return desk.tell_once(lambda work: programs.make(work, wanted))


@tokens.post("/{record_id}/rotate", operation_id="rotate_token", responses=CREATES, status_code=201, response_model=ApiTokenMade)
def rotate_token(desk: AWritingDesk, record_id: UUID, wanted: TokenRotationWanted) -> Response:
    """Make a token that takes over from this one, which works beside it for a while; it is shown this once."""
    return desk.tell_once(lambda work: programs.rotate(work, record_id, wanted))


@tokens.delete("/{record_id}", operation_id="revoke_token", responses=WRITES, status_code=204)
def revoke_token(desk: AWritingDesk, record_id: UUID) -> Response:
    """Let a token authenticate no more."""
    return desk.change(lambda work: programs.revoke(work, record_id))


def _token(signed: services.SignedIn) -> Token:
    return Token(token=signed.token, expires_at=signed.expires_at, user=signed.user.id)


for part in (signing_in, me, users, tokens):
    router.include_router(part)
