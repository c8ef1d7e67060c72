"""Name resolution fails, hangs, or lies."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.config import CentralSection
from edge.courier.errors import SyncError
from edge.courier.names import Names
from edge.courier.registry import Registry
from edge.identity import Identity
from tests.edge.courier.authority import Authority
from tests.edge.courier.conftest import EDGE
from tests.edge.courier.wire import WireRegistry, serving
from tests.waiting import wait_until

HOST = "registry.lakeside.example"
TRUE, FALSE = "127.0.0.1", "::1"
RULES = "/rules?since=0&wait=0"
NOBODY = UUID(int=0)


@pytest.fixture
def registry_at(tmp_path: Path) -> Iterator[Callable[[Names], Registry]]:
    """A registry under its name on TRUE; on FALSE somebody listens who has a certificate of another authority."""
    device = Ed25519PrivateKey.generate()
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    with ExitStack() as undo:
        wire = undo.enter_context(serving(device.public_key()))
        wire.socket = ours.server_context(HOST).wrap_socket(wire.socket, server_side=True, do_handshake_on_connect=False)
        undo.enter_context(_impostor(theirs, wire))
        identity = Identity(EDGE, NOBODY, NOBODY, {}, device, wire.key.public_key())
        section = CentralSection(url=f"https://{HOST}:{wire.server_address[1]}", ca_file=ours.ca_file)

        def make(names: Names) -> Registry:
            registry = Registry(section, identity, "test", lambda: datetime.now(UTC), names)
            undo.callback(registry.close)
            return registry

        yield make


@contextmanager
def _impostor(authority: Authority, beside: WireRegistry) -> Iterator[None]:
    context = authority.server_context(HOST)
    with socket.create_server((FALSE, beside.server_address[1]), family=socket.AF_INET6) as listener:

        def shake_hands() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    try:
                        context.wrap_socket(client, server_side=True).close()
                    except OSError:
                        continue

        thread = threading.Thread(target=shake_hands)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


class Resolver:
    """What the system's resolver is made to say."""

    def __init__(self, *answers: str) -> None:
        self.answers: Sequence[str] | None = answers
        self.released = threading.Event()
        self.released.set()
        self.asked = 0

    def __call__(self, host: str) -> Sequence[str]:
        assert host == HOST
        self.asked += 1
        self.released.wait(20)
        if self.answers is None:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self.answers


def test_fault_31_the_kept_address_is_used_where_names_fail(registry_at: Callable[[Names], Registry]) -> None:
    resolver, kept = Resolver(TRUE), dict[str, str]()
    names = Names({}, kept.__setitem__, resolver)
    registry = registry_at(names)
    assert registry.ask("GET", RULES)
    assert kept == {HOST: TRUE}
    resolver.answers = None
    names.failed(HOST, TRUE)
    assert registry.ask("GET", RULES), "while it runs"
    after_restart = registry_at(Names(kept, kept.__setitem__, resolver))
    assert after_restart.ask("GET", RULES), "and after a restart"


def test_fault_31_a_name_that_was_never_known_is_a_fault_in_words(registry_at: Callable[[Names], Registry]) -> None:
    resolver = Resolver()
    resolver.answers = None
    with pytest.raises(SyncError, match=f"the name {HOST} is not known: .*Temporary failure"):
        registry_at(Names({}, lambda *_: None, resolver)).ask("GET", RULES)


def test_fault_31_a_liar_is_refused_by_the_pinned_authority(registry_at: Callable[[Names], Registry]) -> None:
    resolver = Resolver(FALSE)
    names = Names({}, lambda *_: None, resolver)
    registry = registry_at(names)
    with pytest.raises(SyncError, match="certificate verify failed"):
        registry.ask("GET", RULES)
    resolver.answers = (FALSE, TRUE)
    assert registry.ask("GET", RULES), "the next address is tried"
    resolver.answers = (FALSE,)
    assert [bool(registry.ask("GET", RULES)) for _ in range(3)] == [True] * 3, "what has proved right goes first"


def test_fault_31_a_resolver_that_hangs_holds_up_one_thread_and_nobody(
    registry_at: Callable[[Names], Registry],
) -> None:
    resolver = Resolver(TRUE)
    resolver.released.clear()
    names = Names({HOST: TRUE}, lambda *_: None, resolver)
    registry = registry_at(names)
    before, began = threading.active_count(), time.monotonic()
    for _ in range(5):
        assert registry.ask("GET", RULES)
        names.failed(HOST, TRUE)
    assert time.monotonic() - began < 3
    assert resolver.asked == 1
    assert threading.active_count() <= before + 1 + 5, "the wire registry has a thread for each connection"
    resolver.released.set()
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "courier-names"])


def test_fault_31_streams_that_fail_together_move_on_together() -> None:
    names = Names({}, lambda *_: None, Resolver(FALSE, TRUE))
    first, second = names.address(HOST), names.address(HOST)
    names.failed(HOST, first)
    names.failed(HOST, second)
    assert (first, second, names.address(HOST)) == (FALSE, FALSE, TRUE)
