"""TLS with a real server: it shows a certificate, and where it asks for one the gate shows its own."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from edge.config import CentralSection, ConfigError
from edge.trust import tls_context
from tests.edge.courier.authority import Authority

GREETING = b"it is you"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def port(authority: Authority) -> Iterator[int]:
    """A server that greets one client, if it shows a certificate of the authority."""
    context = authority.server_context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.ca_file)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Thread(target=_greet_one, args=(listener, context))
        server.start()
        yield listener.getsockname()[1]
        server.join(10)


def _greet_one(listener: socket.socket, context: ssl.SSLContext) -> None:
    accepted, _ = listener.accept()
    try:
        with context.wrap_socket(accepted, server_side=True) as secured:
            secured.sendall(GREETING)
            secured.unwrap()
    except (ssl.SSLError, OSError):
        accepted.close()


def greeted(central: CentralSection, port: int) -> bytes:
    """Return what the server says to a gate that is configured so."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    with closing(plain), tls_context(central).wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        return secured.recv(100)


def test_the_gate_shows_its_certificate(authority: Authority, port: int) -> None:
    own = authority.gate_file()
    central = CentralSection(url="https://registry", ca_file=authority.ca_file, client_cert=own, client_key=own)
    assert greeted(central, port) == GREETING


def test_without_one_it_is_refused(authority: Authority, port: int) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        greeted(CentralSection(url="https://registry", ca_file=authority.ca_file), port)


def test_a_certificate_that_cannot_be_read_is_named(authority: Authority) -> None:
    central = CentralSection(url="https://registry", client_cert=authority.ca_file, client_key=Path("missing.pem"))
    with pytest.raises(ConfigError, match=r"central\.client_cert: .*ca\.pem cannot be used"):
        tls_context(central)


def test_certificate_and_key_belong_together() -> None:
    with pytest.raises(ValueError, match="client_cert and client_key belong together"):
        CentralSection(url="https://registry", client_cert=Path("gate.pem"))
