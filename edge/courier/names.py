"""Where the registry is: names are looked up in a thread of their own, and the address that last was the registry's is kept.

The system's look-up cannot be given up: a name server that does not answer holds it for half a minute. So there is at most one
at a time; nobody who knows an address waits for it, nobody else longer than LOOK_UP_S. What it says is only tried:
certificate and signature decide.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from edge.courier.errors import SyncError

LOOK_UP_S = 3.0
FRESH_S = 60.0
ADDRESSES_MAX = 8
LookUp = Callable[[str], Sequence[str]]


def ask_system(host: str) -> Sequence[str]:
    """Return the addresses of a name as the system knows them; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def is_address(host: str) -> bool:
    """Tell whether it is an address already."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class _Name:
    """What is known of one host: `proved` is the address that was the registry's when it last answered ("": never).

    It is tried first, before whatever a name server says; after each failure it is the next one's turn.
    """

    proved: str = ""
    found: list[str] = field(default_factory=list)
    found_at: float = float("-inf")
    why: str = "nothing has been heard of it yet"
    tried: str = ""
    failures: int = 0
    looking: threading.Thread | None = None


class Names:
    """Shared by the streams. `kept`: proved addresses of earlier runs by host; `keep(host, address)` is called with new ones."""

    def __init__(
        self,
        kept: Mapping[str, str],
        keep: Callable[[str, str], None],
        look_up: LookUp = ask_system,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names = {host: _Name(proved=address) for host, address in kept.items()}
        self._keep = keep
        self._look_up = look_up
        self._clock = clock
        self._lock = threading.Lock()

    def address(self, host: str) -> str:
        """Return the address to try now. Raises SyncError where none is known."""
        if is_address(host):
            return host
        with self._lock:
            name = self._names.setdefault(host, _Name())
            looking = self._begin_to_look(host, name)
            is_new = not name.proved
        if looking is not None and is_new:
            looking.join(LOOK_UP_S)
        with self._lock:
            known = [address for address in dict.fromkeys((name.proved, *name.found)) if address]
            if not known:
                raise SyncError(f"the name {host} is not known: {name.why}")
            name.tried = known[name.failures % len(known)]
            return name.tried

    def proved(self, host: str, address: str) -> None:
        """Note that the registry answered there."""
        if host == address:
            return
        with self._lock:
            name = self._names.setdefault(host, _Name())
            news, name.proved, name.failures = name.proved != address, address, 0
        if news:
            self._keep(host, address)

    def failed(self, host: str, address: str) -> None:
        """Note that the registry did not answer there: look it up anew, and try the next address, whoever asks next."""
        with self._lock:
            name = self._names.setdefault(host, _Name())
            name.found_at = float("-inf")
            if address == name.tried:  # else another stream has met the same already
                name.failures, name.tried = name.failures + 1, ""

    def _begin_to_look(self, host: str, name: _Name) -> threading.Thread | None:
        if name.looking is None and self._clock() - name.found_at >= FRESH_S:
            name.looking = threading.Thread(target=self._find, args=(host, name), name="courier-names", daemon=True)
            name.looking.start()
        return name.looking

    def _find(self, host: str, name: _Name) -> None:
        found: list[str] = []
        why = "the look-up failed"
        try:
            found, why = list(dict.fromkeys(self._look_up(host)))[:ADDRESSES_MAX], "it has no address"
        except (OSError, UnicodeError) as error:
            why = str(error)
        finally:  # also after what nobody foresaw: while one looks, no other does
            with self._lock:
                name.found, name.why, name.found_at, name.looking = found, why, self._clock(), None
