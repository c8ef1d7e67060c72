"""One request, one answer that counts, one deadline over both."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from edge.config import CentralSection
from edge.courier import registry as asking
from edge.courier.errors import GaveWayError, NoAnswerError, RefusalError, SyncError
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.registry import REPLY_BYTES_MAX, Registry
from edge.identity import Identity
from tests.edge.courier.authority import Authority
from tests.edge.courier.conftest import Clock
from tests.edge.courier.wire import CAPTIVE_PORTAL, LOST_REQUEST, UNSIGNED, Answer, Fault, Handler, WireRegistry, refusing
from tests.ports import free_port

RULES = "/rules?since=0&wait=0"


def test_a_signed_answer_counts(registry: Registry, wire: WireRegistry) -> None:
    assert b'"revision":0' in registry.ask("GET", RULES)


@pytest.mark.parametrize("fault", [CAPTIVE_PORTAL, UNSIGNED], ids=["portal", "unsigned"])
def test_an_unsigned_answer_is_none(fault: Fault, registry: Registry, wire: WireRegistry) -> None:
    wire.faults.append(fault)
    with pytest.raises(SyncError, match="not the registry"):
        registry.ask("GET", RULES)


def test_an_answer_to_an_earlier_request_is_none(registry: Registry, wire: WireRegistry) -> None:
    kept: list[tuple[Answer, str]] = []

    def replay(handler: Handler, answer: Answer) -> None:
        handler.headers.replace_header("Gatehouse-Signature", kept[0][1])
        handler.respond(kept[0][0])

    def keep(handler: Handler, answer: Answer) -> None:
        kept.append((answer, handler.headers["Gatehouse-Signature"]))
        handler.respond(answer)

    wire.faults.extend([Fault(keep, before=False), Fault(replay, before=False)])
    registry.ask("GET", RULES)
    with pytest.raises(SyncError, match="not the registry"):
        registry.ask("GET", RULES)


def test_a_refusal_has_its_words_and_its_time(registry: Registry, wire: WireRegistry) -> None:
    wire.faults.append(refusing(429, Retry_After="7"))
    with pytest.raises(RefusalError, match=r"refused \(429\): not now") as caught:
        registry.ask("GET", RULES)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 7.0)


@pytest.mark.parametrize("said", ["-1", "soon", "1e9", "²", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_of_seconds_means_whenever(said: str, registry: Registry, wire: WireRegistry) -> None:
    answer = Answer(503, b"[]", {"Retry-After": said.encode().decode("latin-1")})
    wire.faults.append(Fault(lambda handler, _: handler.respond(answer)))
    with pytest.raises(RefusalError, match="no reason given") as caught:
        registry.ask("GET", RULES)
    assert caught.value.retry_after_s == 0


def test_a_link_that_breaks_is_told(registry: Registry, wire: WireRegistry) -> None:
    wire.faults.append(LOST_REQUEST)
    with pytest.raises(NoAnswerError, match="cannot be reached"):
        registry.ask("GET", RULES)
    assert registry.ask("GET", RULES), "the next request opens a new connection"


def test_nobody_at_home(identity: Identity) -> None:
    registry = Registry(CentralSection(url=f"http://127.0.0.1:{free_port()}"), identity, "test", lambda: datetime.now(UTC))
    with pytest.raises(SyncError, match="cannot be reached") as caught:
        registry.ask("GET", RULES)
    assert not isinstance(caught.value, NoAnswerError), "a smaller answer would not have come either"
    registry.close()


def test_a_reply_without_end_is_cut_off(registry: Registry, wire: WireRegistry) -> None:
    def flood(handler: Handler, _: Answer) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        with suppress(OSError):
            while True:
                handler.wfile.write(bytes(1 << 20))

    wire.faults.append(Fault(flood))
    with pytest.raises(NoAnswerError, match=str(REPLY_BYTES_MAX)):
        registry.ask("GET", RULES)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_29_a_peer_that_drips_bytes_does_not_outlast_the_deadline(head: bytes, registry: Registry, wire: WireRegistry) -> None:
    finished = Event()

    def drip(handler: Handler, _: Answer) -> None:
        handler.wfile.write(head)
        with suppress(OSError):
            while not finished.wait(0.05):
                handler.wfile.write(b"X: y\r\n")
                handler.wfile.flush()
        handler.close_connection = True

    wire.faults.append(Fault(drip))
    began = time.monotonic()
    with pytest.raises(NoAnswerError, match="no whole answer within"):
        registry.ask("GET", RULES, deadline_s=0.5)
    assert time.monotonic() - began < 3
    finished.set()


def test_29_a_host_that_takes_the_connection_and_says_nothing(identity: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        registry = Registry(CentralSection(url=url), identity, "test", lambda: datetime.now(UTC))
        with pytest.raises(SyncError, match="no whole answer within"):
            registry.ask("POST", "/entries", bytes(4_000_000), deadline_s=0.3)
        registry.close()


def test_a_clock_that_went_back_does_not_lock_the_gate_out(
    central: CentralSection, identity: Identity, wire: WireRegistry
) -> None:
    registry = Registry(central, identity, "test", lambda: datetime(2026, 1, 2, tzinfo=UTC))
    registry.ask("GET", RULES)
    registry.close()
    restarted = Registry(central, identity, "test", lambda: datetime(1970, 1, 2, tzinfo=UTC))
    restarted.ask("GET", RULES)
    restarted.ask("GET", RULES)
    restarted.close()
    assert wire.sequences["test"] == int(datetime(2026, 1, 2, tzinfo=UTC).timestamp() * 1000) + 2


def test_a_request_in_flight_can_be_ended_from_another_thread(registry: Registry, wire: WireRegistry) -> None:
    arrived, finished = Event(), Event()

    def hold(handler: Handler, _: Answer) -> None:
        arrived.set()
        finished.wait(10)
        handler.hang_up()

    wire.faults.append(Fault(hold))
    stopper = Thread(target=_after(arrived, registry.cancel))
    stopper.start()
    with pytest.raises(SyncError, match="stopping"):
        registry.ask("GET", RULES)
    finished.set()
    stopper.join()
    with pytest.raises(SyncError, match="stopping"):
        registry.ask("GET", RULES)


def test_30_what_gives_way_does_not_begin_and_is_broken_off(
    central: CentralSection, identity: Identity, wire: WireRegistry, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LOOK_S", 0.01)
    precedence = Precedence(clock)
    pictures = Registry(central, identity, "pictures", lambda: datetime.now(UTC), before=precedence)
    precedence.waits("alarms")
    with pytest.raises(GaveWayError):
        pictures.ask("PUT", "/pictures/00")
    assert not wire.asked.is_set()
    precedence.rests("alarms")
    gone = Event()

    def hold(handler: Handler, _: Answer) -> None:
        precedence.waits("alarms")
        clock.now += asking.URGENT_WAITS_S
        with suppress(OSError):
            handler.rfile.read(1)  # until the client hangs up
        gone.set()

    wire.faults.append(Fault(hold))
    with pytest.raises(GaveWayError):
        pictures.ask("PUT", "/pictures/00")
    assert gone.wait(5)
    precedence.rests("alarms")
    assert pictures.ask("GET", RULES), "and it goes on"
    pictures.close()


def _after(event: Event, act: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        event.wait(10)
        act()

    return run


@pytest.mark.parametrize(("signed_by", "believed"), [("ours", True), ("theirs", False)])
def test_31_only_the_pinned_authority_is_believed(
    signed_by: str, believed: bool, wire: WireRegistry, identity: Identity, tmp_path: Path
) -> None:
    authorities = {name: Authority(tmp_path, name) for name in ("ours", "theirs")}
    wire.socket = authorities[signed_by].server_context().wrap_socket(wire.socket, server_side=True)
    section = CentralSection(url=wire.url.replace("http:", "https:"), ca_file=authorities["ours"].ca_file)
    registry = Registry(section, identity, "test", lambda: datetime.now(UTC))
    if believed:
        assert registry.ask("GET", RULES)
    else:
        with pytest.raises(SyncError, match="certificate verify failed"):
            registry.ask("GET", RULES)
    registry.close()


def test_36_after_a_renewal_the_newest_certificate_counts_whoever_has_seen_it(
    wire: WireRegistry, identity: Identity, progress: Progress, tmp_path: Path
) -> None:
    authority = Authority(tmp_path, "ours")
    context = authority.server_context(ends=timedelta(days=20))
    wire.socket = context.wrap_socket(wire.socket, server_side=True)
    section = CentralSection(url=wire.url.replace("http:", "https:"), ca_file=authority.ca_file)
    seldom, often = (Registry(section, identity, name, lambda: datetime.now(UTC), shown=progress.certificate) for name in "ab")
    seldom.ask("GET", RULES)
    old = progress.state({}).certificate_ends_utc
    authority.renew(context, ends=timedelta(days=300))
    often.ask("GET", RULES)
    seldom.ask("GET", RULES)  # over its kept connection
    assert (progress.state({}).certificate_ends_utc - old) / 86400 == pytest.approx(280, abs=1)
    seldom.close()
    often.close()


def test_a_connection_that_is_given_up_amid_its_handshake_is_closed(identity: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.settimeout(5)
        central = CentralSection(url=f"https://127.0.0.1:{deaf.getsockname()[1]}")
        registry = Registry(central, identity, "entries", lambda: datetime.now(UTC))
        try:
            with pytest.raises(SyncError, match="no whole answer"):
                registry.ask("GET", RULES, deadline_s=0.2)
            with deaf.accept()[0] as taken:
                taken.settimeout(5)
                while taken.recv(4096):
                    pass
        finally:
            registry.close()
