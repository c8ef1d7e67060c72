"""Where heads are published: what arrives, what is refused, and that nothing secret is told."""

import errno
import os
import resource
import smtplib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from access.contract.heads import TreeHead
from central.config import ConfigError
from central.tree.outlets import Folder, Mailbox, OutletError, Statement, Webhook, outlets_of

HEAD = TreeHead(size=3, root="ab" * 32, at_us=1_794_556_800_000_000, signature="cd" * 64)
STATEMENT = Statement(head=HEAD, key="ef" * 32, fingerprint="ABCD")


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Asked(BaseHTTPRequestHandler):
    """Keeps what is posted; at /moved it sends elsewhere."""

    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(302 if self.path.startswith("/moved") else 204)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base has it
        del format, args


class Post(socketserver.StreamRequestHandler):
    """As much of a mail server as takes one mail."""

    mails: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 well\r\n")


class Asking(Post):
    """One that wants to know who sends."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            self.wfile.write(b"250-here\r\n250 AUTH PLAIN\r\n" if line.upper().startswith(b"EHLO") else b"221 bye\r\n")


def test_a_file_a_day_is_never_written_over(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.send(STATEMENT)
    later = STATEMENT.model_copy(update={"head": HEAD.model_copy(update={"size": 4})})
    folder.send(later)
    with pytest.raises(OutletError, match="already"):
        folder.send(later)
    names = ["gatehouse-head-2026-11-13-4-1794556800000000.json", "gatehouse-head-2026-11-13.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert Statement.model_validate_json((tmp_path / names[1]).read_bytes()) == STATEMENT
    with pytest.raises(OutletError, match="cannot be written"):
        Folder(tmp_path / "missing").send(STATEMENT)


def test_a_webhook_is_posted_to_and_led_nowhere_else() -> None:
    bodies: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Kept", (Asked,), {"bodies": bodies}))
    base = f"http://127.0.0.1:{server.server_address[1]}"
    with serving(server):
        Webhook(f"{base}/hook?token=s3cret", allows_private=True).send(STATEMENT)
        assert [Statement.model_validate_json(body) for body in bodies] == [STATEMENT]
        with pytest.raises(OutletError, match="answered 302"):
            Webhook(f"{base}/moved", allows_private=True).send(STATEMENT)
        assert len(bodies) == 2
        with pytest.raises(OutletError, match="private"):
            Webhook(f"{base}/hook").send(STATEMENT)
        assert len(bodies) == 2
    with pytest.raises(OutletError, match="cannot be reached"):
        Webhook(f"{base}/hook", allows_private=True).send(STATEMENT)
    assert "s3cret" not in repr(Webhook(f"{base}/hook?token=s3cret")) + Webhook(f"{base}/hook?token=s3cret").name


def test_a_full_folder_keeps_nothing_and_no_link_leads_out_of_it(tmp_path: Path) -> None:
    victim, outside = tmp_path / "key", tmp_path / "outside"
    outside.mkdir()
    victim.write_bytes(b"ours")
    day = outside / "gatehouse-head-2026-11-13"
    for suffix in (".json", f".{os.getpid()}", f"-3-{HEAD.at_us}.json"):
        day.with_name(day.name + suffix).symlink_to(victim)
    with pytest.raises(OutletError, match="already"):
        Folder(outside).send(STATEMENT)
    assert victim.read_bytes() == b"ours"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # what the folder still takes
    try:
        with pytest.raises(OutletError, match="cannot be written"):
            Folder(tmp_path).send(STATEMENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name for path in tmp_path.iterdir()} == {"key", "outside"}


def test_a_folder_without_links_does_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: object, **_options: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)  # as a memory stick does
    Folder(tmp_path).send(STATEMENT)
    later = STATEMENT.model_copy(update={"head": HEAD.model_copy(update={"size": 4})})
    Folder(tmp_path).send(later)
    with pytest.raises(OutletError, match="already"):
        Folder(tmp_path).send(later)
    kept = {Statement.model_validate_json(path.read_bytes()).head.size for path in tmp_path.iterdir()}
    assert kept == {3, 4}


class Dripping(socketserver.BaseRequestHandler):
    """Answers a byte at a time, for ever."""

    def handle(self) -> None:
        with suppress(OSError):
            while not threading.Event().wait(0.001):
                self.request.sendall(b"H")


def test_who_never_ends_his_answer_is_not_listened_to() -> None:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping)
    with serving(server), pytest.raises(OutletError, match="cannot be reached"):
        Webhook(f"http://127.0.0.1:{server.server_address[1]}/", allows_private=True, within_s=0.05).send(STATEMENT)


def test_a_password_without_ascii_is_no_fault_of_the_job() -> None:
    mails: list[bytes] = []
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Kept", (Asking,), {"mails": mails}))
    port = server.server_address[1]
    assert isinstance(port, int)
    with serving(server), pytest.raises(OutletError, match="UnicodeEncodeError") as refused:
        Mailbox("a@example.com", "g@example.com", "127.0.0.1", port, "none", "gate", "密码").send(STATEMENT)
    assert "密" not in str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "10.0.0.1", "169.254.169.254", "[::1]", "[fe80::1]", "[::ffff:192.168.1.1]", "0.0.0.0"),
        *("[64:ff9b::a00:1]", "[64:ff9b:1::a00:1]", "[2002:a00:1::1]", "[::127.0.0.1]", "[fec0::1]", "[fd00::1]", "2130706433"),
    ],
)
def test_what_is_private_is_not_called(host: str) -> None:
    with pytest.raises(OutletError, match="private"):
        Webhook(f"http://{host}/").send(STATEMENT)


def test_a_mail_brings_the_head() -> None:
    mails: list[bytes] = []
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Kept", (Post,), {"mails": mails}))
    port = server.server_address[1]
    assert isinstance(port, int)
    with serving(server):
        Mailbox("auditor@example.com", "gate@example.com", "127.0.0.1", port, "none").send(STATEMENT)
        with pytest.raises(OutletError, match=smtplib.SMTPNotSupportedError.__name__):
            Mailbox("auditor@example.com", "gate@example.com", "127.0.0.1", port, "starttls").send(STATEMENT)
    (mail,) = (message_from_bytes(raw, policy=default) for raw in mails)
    body, (attached,) = mail.get_body(), mail.iter_attachments()
    assert body is not None
    assert "ab" * 32 in body.get_content()
    assert Statement.model_validate_json(attached.get_content()) == STATEMENT


def test_outlets_are_named_by_variables(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("pa55\n")
    mail = {"GATEHOUSE_PUBLISH_MAIL": "a@example.com", "GATEHOUSE_SMTP_FROM": "g@example.com", "GATEHOUSE_SMTP_SERVER": "mail"}
    made = outlets_of(
        {
            "GATEHOUSE_PUBLISH_FOLDER": str(tmp_path),
            "GATEHOUSE_PUBLISH_WEBHOOK": "https://example.com:444/x?token=s3cret",
            **mail,
            "GATEHOUSE_SMTP_PASSWORD_FILE": str(secret),
        }
    )
    assert [outlet.name for outlet in made] == [f"folder {tmp_path}", "webhook https://example.com:444", "mail a@example.com"]
    assert made[2] == Mailbox("a@example.com", "g@example.com", "mail", 587, "starttls", "", "pa55")
    assert "pa55" not in repr(made)
    assert "s3cret" not in repr(made)
    assert outlets_of({}) == ()


@pytest.mark.parametrize(
    "given",
    [
        {"GATEHOUSE_PUBLISH_WEBHOOK": "ftp://example.com"},
        {"GATEHOUSE_PUBLISH_WEBHOOK": "https://user:password@example.com"},
        {"GATEHOUSE_PUBLISH_WEBHOOK": "https:///path"},
        {"GATEHOUSE_PUBLISH_WEBHOOK": "https://example.com/a b"},
        {"GATEHOUSE_PUBLISH_MAIL": "a@example.com"},
        {"GATEHOUSE_PUBLISH_MAIL": "a", "GATEHOUSE_SMTP_SERVER": "mail", "GATEHOUSE_SMTP_FROM": "g@example.com"},
        {"GATEHOUSE_PUBLISH_MAIL": "a@example.com", "GATEHOUSE_SMTP_SERVER": "mail:x", "GATEHOUSE_SMTP_FROM": "g@example.com"},
        {
            "GATEHOUSE_PUBLISH_MAIL": "a@example.com",
            "GATEHOUSE_SMTP_SERVER": "mail:70000",
            "GATEHOUSE_SMTP_FROM": "g@example.com",
        },
    ],
)
def test_what_cannot_be_used_is_told_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        outlets_of(given)
