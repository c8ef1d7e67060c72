"""Signed-in guards: a random cookie each, for at most twelve hours, and the token that every form must carry."""

import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

SESSION_S = 12 * 3600.0
SESSIONS_MAX = 100
COOKIE_BYTES = 24


@dataclass(frozen=True, slots=True)
class Session:
    """One guard at one browser; `expires` in monotonic seconds."""

    cookie: str
    guard: str
    badge: str
    name: str
    expires: float
    leader: bool = False

    @property
    def role(self) -> str:
        """In which role the guard acts: a name of `access.workflows`."""
        return "shift_leader" if self.leader else "guard"


class Sessions:
    """The sessions of this program's life; `chance` gives random bytes."""

    def __init__(self, chance: Callable[[int], bytes]) -> None:
        self._chance = chance
        self._key = chance(32)
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def cookie(self) -> str:
        """Return a fresh cookie; a visitor who has not signed in has one too, so that the sign-in form has a token."""
        return self._chance(COOKIE_BYTES).hex()

    def begin(self, guard: str, badge: str, name: str, now: float, *, leader: bool = False) -> Session:
        """Begin a guard's session with a cookie of its own; beyond the limit the oldest session ends."""
        session = Session(self.cookie(), guard, badge, name, now + SESSION_S, leader)
        self._sessions[session.cookie] = session
        while len(self._sessions) > SESSIONS_MAX:
            self._sessions.popitem(last=False)
        return session

    def find(self, cookie: str, now: float) -> Session | None:
        """Return the session of a cookie, if it has not ended."""
        session = self._sessions.get(cookie)
        if session is not None and session.expires <= now:
            del self._sessions[cookie]
            return None
        return session

    def end(self, cookie: str) -> None:
        """End a session."""
        self._sessions.pop(cookie, None)

    def token(self, cookie: str, badge: str = "") -> str:
        """Return the form token that belongs to a cookie; it says for which guard the form is made, where it is for one."""
        own = self._mac(cookie)
        return f"{own}.{self._mac(f'{own}.{badge}')}.{badge}" if badge else own

    def fits(self, cookie: str, token: str) -> bool:
        """Tell whether a form's token belongs to the cookie that came with it."""
        return hmac.compare_digest(self._mac(cookie).encode(), token.partition(".")[0].encode())

    def made_for(self, token: str) -> str:
        """Return the badge of the guard for whom this program made a form with this token, "" where it made none such."""
        own, _, rest = token.partition(".")
        made, _, badge = rest.partition(".")
        return badge if hmac.compare_digest(self._mac(f"{own}.{badge}").encode(), made.encode()) else ""

    def _mac(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()


def claimed(token: str) -> str:
    """Return the badge of the guard for whom a form with this token was made by its own word, "" where it says none."""
    return "".join(token.split(".", 2)[2:])
