"""The link that fails: what a client at one end meets, with a real server at the other."""

import http.client
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from simulators.wires.fault_proxy import FAIR, FaultProxy, Mood, Weather, swizzled
from tests.waiting import wait_until

ANSWER = bytes(range(256)) * 16


class _Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    @override
    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(server: _Server) -> Iterator[FaultProxy]:
    with FaultProxy(("127.0.0.1", server.server_port), seed=5) as proxy:
        yield proxy


def ask(proxy: FaultProxy, within_s: float = 5.0) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=within_s)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


def test_in_fair_weather_everything_comes_through(proxy: FaultProxy, server: _Server) -> None:
    assert [ask(proxy) for _ in range(3)] == [ANSWER] * 3
    assert (server.asked, proxy.connections) == (3, 3)
    wait_until(lambda: proxy.open_connections == 0)


def test_it_refuses_and_carries_again(proxy: FaultProxy) -> None:
    proxy.become(Weather(Mood.REFUSE))
    with pytest.raises(ConnectionError):
        ask(proxy)
    proxy.become(FAIR)
    assert ask(proxy) == ANSWER


@pytest.mark.parametrize(("mood", "asked"), [(Mood.DEAF, 0), (Mood.MUTE, 1)])
def test_half_open_takes_the_connection_and_answers_nothing(proxy: FaultProxy, server: _Server, mood: Mood, asked: int) -> None:
    proxy.become(Weather(mood))
    with pytest.raises(TimeoutError):
        ask(proxy, within_s=0.3)
    assert server.asked == asked
    wait_until(lambda: proxy.open_connections == 0)


def test_an_answer_is_lost_after_the_request_was_carried(proxy: FaultProxy, server: _Server) -> None:
    proxy.become(Weather(lose_answers=1.0))
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(proxy)
    assert (server.asked, proxy.answers_lost) == (1, 1)


def test_a_portal_answers_in_the_place_of_the_server(proxy: FaultProxy, server: _Server) -> None:
    proxy.become(Weather(Mood.PORTAL))
    assert b"accept the terms" in ask(proxy)
    assert server.asked == 0


def test_what_is_dropped_cuts(proxy: FaultProxy, server: _Server) -> None:
    proxy.become(Weather(drop=1.0))
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(proxy)
    assert server.asked == 0


def test_what_is_corrupted_comes_out_otherwise(proxy: FaultProxy) -> None:
    proxy.become(Weather(corrupt=1.0))
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer
    assert ANSWER not in answer


def test_a_slow_link_is_as_slow_as_it_is_set(proxy: FaultProxy) -> None:
    proxy.become(Weather(bytes_per_s=20_000, delay_s=0.01, jitter_s=0.01))
    began = time.monotonic()
    assert ask(proxy) == ANSWER
    assert 0.2 < time.monotonic() - began < 2


def test_a_cut_ends_what_waits(proxy: FaultProxy) -> None:
    proxy.become(Weather(Mood.MUTE))
    failed: list[BaseException] = []

    def wait() -> None:
        try:
            ask(proxy, within_s=20)
        except (OSError, http.client.HTTPException) as error:
            failed.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_until(lambda: proxy.carried_bytes > 0)
    proxy.cut()
    waiting.join(5)
    assert failed


def test_a_schedule_repeats_by_its_seed_and_is_followed(proxy: FaultProxy) -> None:
    assert list(itertools.islice(swizzled(3), 8)) == list(itertools.islice(swizzled(3), 8))
    seen: list[Weather] = []

    def during(_seconds: float) -> bool:
        seen.append(proxy.weather)
        return len(seen) < 4

    proxy.follow(swizzled(3), during)
    assert [weather == FAIR for weather in seen] == [True, False, True, False]


def test_it_leaves_no_thread_behind(server: _Server) -> None:
    before = threading.active_count()
    with FaultProxy(("127.0.0.1", server.server_port)) as proxy:
        ask(proxy)
        idle = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
        idle.connect()
        wait_until(lambda: proxy.open_connections == 1)
    idle.close()
    wait_until(lambda: threading.active_count() <= before)
