"""The booth off its box: over TLS with a real certificate, under its names, and what is said where something is missing."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from edge.cli import app
from edge.config import BoothSection
from edge.desk.tls import Renewal, context_of
from edge.places import Places
from tests.edge.desk.wire import CONFIG, Desk, Gate, enrol, guard_record, start_desk, stop_desk, write_snapshot
from tests.waiting import wait_until

NAME = "booth.lakeside.example"
TLS = f'port = 0\nnames = ["{NAME}"]\ncertificate = "booth.pem"\nkey = "booth.key"'


def write_certificate(folder: Path, lock: KeySerializationEncryption | None = None) -> None:
    """Write a certificate for NAME that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "booth.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "booth.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption()))


@dataclass
class Remote:
    """A desk that serves TLS, and how a browser elsewhere reaches it."""

    desk: Desk
    port: int

    def client(self, folder: Path, name: str = NAME) -> httpx.Client:
        """Return a client that trusts the certificate and asks for the booth by a name."""
        trust = ssl.create_default_context(cafile=str(folder / "booth.pem"))
        return httpx.Client(base_url=f"https://127.0.0.1:{self.port}", verify=trust, headers={"host": name})


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    folder = tmp_path_factory.mktemp("remote")
    places = Places(folder / "var")
    enrol(places)
    write_certificate(folder)
    gate = Gate(places.gate_socket, str(write_snapshot(places.snapshots / "7.snapshot", [guard_record()])))
    gate.start()
    desk = start_desk(folder, CONFIG.replace("port = 0", TLS))
    yield Remote(desk, int(desk.url.rstrip("/").rpartition(":")[2]))
    assert stop_desk(desk) == 0
    gate.stop()


def test_a_guard_signs_in_over_tls(remote: Remote) -> None:
    assert remote.desk.url == f"https://{NAME}:{remote.port}/"
    extensions = {"sni_hostname": NAME}
    with remote.client(remote.desk.folder) as client:
        client.event_hooks["request"].append(lambda request: request.extensions.update(extensions))
        wait_until(lambda: "本门尚无规则" not in client.get("/sign-in").text, what="the guards")
        answer = client.get("/sign-in")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert "Secure" in answer.headers["set-cookie"]
        client.cookies.clear()
        token = answer.text.partition('name="token" value="')[2].partition('"')[0]
        cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
        signed = client.post("/sign-in", data={"token": token, "badge": "1001", "pin": "2468"}, headers=cookie)
        assert signed.status_code == 303
        assert "Secure" in signed.headers["set-cookie"]
        foreign = client.get("/sign-in", headers={"host": "evil.example"})
        assert foreign.status_code == 421


def test_a_renewed_certificate_serves_without_a_new_start(remote: Remote, tmp_path: Path) -> None:
    folder = remote.desk.folder

    def served() -> bytes:
        with socket.create_connection(("127.0.0.1", remote.port)) as plain, unverified().wrap_socket(plain) as wrapped:
            return wrapped.getpeercert(binary_form=True) or b""

    before = served()
    write_certificate(tmp_path)
    (tmp_path / "booth.key").replace(folder / "booth.key")  # as yet beside the old certificate: that one goes on
    assert served() == before
    (tmp_path / "booth.pem").replace(folder / "booth.pem")
    renewed = x509.load_pem_x509_certificate((folder / "booth.pem").read_bytes()).public_bytes(Encoding.DER)
    wait_until(lambda: served() == renewed, what="the renewed certificate")


def unverified() -> ssl.SSLContext:
    """Return what looks at any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_without_tls_nothing_is_answered(remote: Remote) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{remote.port}/")


def test_on_this_box_alone_there_is_no_tls_and_no_promise_of_it(guard: httpx.Client) -> None:
    answer = guard.get("/language/en")
    assert "strict-transport-security" not in answer.headers
    assert "Secure" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("spoiled", ["booth.key", "booth.pem"])
def test_what_does_not_belong_together_changes_nothing(tmp_path: Path, spoiled: str) -> None:
    write_certificate(tmp_path)
    booth = BoothSection(names=[NAME], certificate=tmp_path / "booth.pem", key=tmp_path / "booth.key")
    context = context_of(booth)
    assert context is not None
    with structlog.testing.capture_logs() as logged:
        renewal = Renewal(booth, context, structlog.get_logger())
        renewal.look()
        whole = (tmp_path / spoiled).read_bytes()
        for content in (b"nonsense", whole):
            (tmp_path / spoiled).write_bytes(content)
            renewal.look()
        (tmp_path / spoiled).unlink()
        renewal.look()
    assert [line["event"] for line in logged] == ["certificate_not_renewed", "certificate_renewed", "certificate_not_renewed"]


# --- what is missing ------------------------------------------------------------------------------


def checked(folder: Path, booth: str) -> tuple[int, str]:
    """Check a gate.toml with these lines for the booth; return the exit code and what was said."""
    file = folder / "gate.toml"
    file.write_text(CONFIG.replace("port = 0", booth), encoding="utf-8")
    answer = CliRunner().invoke(app, ["check-config", "--config", str(file)])
    return answer.exit_code, answer.output


@pytest.mark.parametrize(
    ("booth", "said"),
    [
        ('host = "0.0.0.0"', "booth.host: '0.0.0.0': without TLS the booth page is for this box alone"),
        ('certificate = "booth.pem"', "booth.certificate: needs booth.key too"),
        ('key = "booth.key"', "booth.key: needs booth.certificate too"),
        ('host = "0.0.0.0"\ncertificate = "booth.pem"\nkey = "booth.key"', "booth.host: needs booth.names"),
        ('certificate = "none.pem"\nkey = "booth.key"', "none.pem cannot be read: No such file"),
        ('certificate = "booth.pem"\nkey = "booth.pem"', "the key is not in PEM"),
        ('certificate = "gate.toml"\nkey = "booth.key"', "the certificate is not in PEM"),
        ('certificate = "booth.pem"\nkey = "other.key"', "the key is not that of the certificate"),
        ('certificate = "booth.pem"\nkey = "locked.key"', "the key has a password"),
    ],
)
def test_check_config_says_what_is_missing(tmp_path: Path, booth: str, said: str) -> None:
    write_certificate(tmp_path, BestAvailableEncryption(b"secret"))
    (tmp_path / "booth.key").rename(tmp_path / "locked.key")
    write_certificate(tmp_path)
    (tmp_path / "booth.key").rename(tmp_path / "other.key")
    write_certificate(tmp_path)
    code, told = checked(tmp_path, booth)
    assert code == 1
    assert said in told


def test_a_booth_with_all_it_needs_is_good(tmp_path: Path) -> None:
    write_certificate(tmp_path)
    assert checked(tmp_path, f'host = "0.0.0.0"\n{TLS}')[0] == 0
    assert checked(tmp_path, f'host = "192.0.2.7"\n{TLS}')[0] == 0
