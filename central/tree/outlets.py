"""Where heads are published: a folder, an address that takes JSON, a mailbox. Each takes a statement, or raises OutletError."""

import errno
import http.client
import ipaddress
import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Literal, Protocol, get_args
from urllib.parse import SplitResult, urlsplit

from access.contract.heads import TreeHead
from access.contract.sync import Hex32, Message
from central.config import ConfigError

TIMEOUT_S: Final = 20.0
WHOLE_S: Final = 60.0
PORT_MAX: Final = 65_535
NO_LINKS: Final = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
FILES: Final = "gatehouse-head-*.json"
Security = Literal["starttls", "tls", "none"]


class Statement(Message):
    """What is published: a signed head, with the key (and its fingerprint) that signed it."""

    version: Literal[1] = 1
    head: TreeHead
    key: Hex32
    fingerprint: str


class OutletError(Exception):
    """A head could not be published; says why, without anything that is secret."""


class Outlet(Protocol):
    """A place outside that keeps heads; `name` is told to people, and so has no secret in it."""

    @property
    def name(self) -> str:
        """What it is called."""

    def send(self, statement: Statement) -> None:
        """Put a statement there. Raises OutletError."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, such as a mounted share of somebody else: a file for each day, which is never written over."""

    path: Path

    @property
    def name(self) -> str:
        """What it is called."""
        return f"folder {self.path}"

    def send(self, statement: Statement) -> None:
        """Write the file of the day; if there is one already, one that has the size in its name too. Raises OutletError."""
        day = datetime.fromtimestamp(statement.head.at_us / 1e6, UTC).date().isoformat()
        content = statement.model_dump_json(indent=1).encode() + b"\n"
        try:
            for name in (day, f"{day}-{statement.head.size}-{statement.head.at_us}"):
                if self._write(self.path / FILES.replace("*", name), content):
                    return
        except OSError as error:
            raise OutletError(f"it cannot be written: {error.strerror}") from error
        raise OutletError("it has this head already")

    def _write(self, path: Path, content: bytes) -> bool:
        """Write a file whole, or not at all where there is one of this name: tells which. Raises OSError."""
        # A new file under a name that nobody can guess: who owns the folder may have put a link to one of ours there.
        unfinished = path.with_suffix(f".{os.urandom(8).hex()}")
        _fill(unfinished, content)
        try:
            path.hardlink_to(unfinished)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            return self._write_plainly(path, content)
        finally:
            unfinished.unlink()
        return True

    def _write_plainly(self, path: Path, content: bytes) -> bool:
        """Do so where there are no links, as on a memory stick or a share: a power cut may leave half of it."""
        try:
            _fill(path, content)
        except FileExistsError:
            return False
        return True


def _fill(path: Path, content: bytes) -> None:
    """Write a new file. Raises OSError; of what did not get into a full folder nothing is left."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink()
            raise


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes JSON by POST. Redirects are not followed; nothing private is called unless that is allowed.

    What a name stands for is looked up once, and what was judged is what is called: it cannot become another address in between.
    """

    url: str = field(repr=False)
    allows_private: bool = False
    within_s: float = WHOLE_S

    @property
    def name(self) -> str:
        """What it is called: without path and query, which may hold a token."""
        parts = urlsplit(self.url)
        return f"webhook {parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")

    def send(self, statement: Statement) -> None:
        """Post the statement. Raises OutletError."""
        parts = urlsplit(self.url)
        host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
        try:
            status = self._post(parts, host, port, statement.model_dump_json().encode())
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise OutletError(f"it cannot be reached: {type(error).__name__}") from error
        if not 200 <= status < 300:
            raise OutletError(f"it answered {status}")

    def _post(self, parts: SplitResult, host: str, port: int, body: bytes) -> int:
        address = self._address(host, port)
        with socket.create_connection((address, port), TIMEOUT_S) as plain, _ended_after(self.within_s, plain):
            wire = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
            connection.sock = wire
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            named = f"[{host}]" if ":" in host else host
            headers = {"Content-Type": "application/json", "Host": f"{named}:{port}" if parts.port else named}
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
            connection.close()
            return status

    def _address(self, host: str, port: int) -> str:
        """Return what the name stands for. Raises OutletError where that is private and may not be called."""
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self.allows_private and not all(map(_is_public, found)):
            raise OutletError("its address is private: it is called only where private addresses are allowed")
        return found[0]


@contextmanager
def _ended_after(seconds: float, connection: socket.socket) -> Iterator[None]:
    """Have a connection shut after so long: who answers a byte at a time keeps to each time-out and never comes to an end."""
    handle = connection.dup()

    def end() -> None:
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        handle.close()


def _is_public(address: str) -> bool:
    """Tell whether an address is of the public internet; of one that stands for an IPv4 address, whether that is."""
    known = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(known, ipaddress.IPv6Address):
        behind = known.ipv4_mapped or known.sixtofour
        if known in NAT64:
            behind = ipaddress.IPv4Address(int(known) & 0xFFFF_FFFF)
        if behind is not None:
            return _is_public(str(behind))
        if known not in GLOBAL_UNICAST:
            return False
    return known.is_global and not known.is_multicast


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox, such as an auditor's, by way of a mail server."""

    to: str
    sender: str
    server: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """What it is called."""
        return f"mail {self.to}"

    def send(self, statement: Statement) -> None:
        """Send a mail that people can read, with the statement attached. Raises OutletError."""
        trusted = ssl.create_default_context()
        try:
            message = self._message(statement)
            if self.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(self.server, self.port, timeout=TIMEOUT_S, context=trusted)
            else:
                server = smtplib.SMTP(self.server, self.port, timeout=TIMEOUT_S)
            with server:
                if self.security == "starttls":
                    server.starttls(context=trusted)
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:  # among them: a password that the server has no letters for
            raise OutletError(f"the mail could not be sent: {type(error).__name__}") from error

    def _message(self, statement: Statement) -> EmailMessage:
        head, message = statement.head, EmailMessage()
        day = datetime.fromtimestamp(head.at_us / 1e6, UTC).date().isoformat()
        message["From"], message["To"], message["Subject"] = self.sender, self.to, f"Gatehouse head {day}: {head.size}"
        message.set_content(f"size {head.size}\nroot {head.root}\nat {head.at_us}\nkey {statement.fingerprint}\n")
        content = statement.model_dump_json(indent=1).encode()
        message.add_attachment(content, "application", "json", filename=FILES.replace("*", day))
        return message


def outlets_of(given: Mapping[str, str]) -> tuple[Outlet, ...]:
    """Return the outlets that these variables name (docs/tamper-evidence.md lists them). Raises ConfigError."""
    made: list[Outlet] = []
    if folder := given.get("GATEHOUSE_PUBLISH_FOLDER"):
        made.append(Folder(Path(folder)))
    if url := given.get("GATEHOUSE_PUBLISH_WEBHOOK"):
        made.append(_webhook(url, allows_private=given.get("GATEHOUSE_PUBLISH_PRIVATE", "") == "yes"))
    if to := given.get("GATEHOUSE_PUBLISH_MAIL"):
        made.append(_mailbox(to, given))
    return tuple(made)


def _webhook(url: str, *, allows_private: bool) -> Webhook:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        is_good = False
    if not is_good or not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigError("GATEHOUSE_PUBLISH_WEBHOOK: expected http:// or https:// with a host, and no user")
    return Webhook(url, allows_private)


def _mailbox(to: str, given: Mapping[str, str]) -> Mailbox:
    server, _, port = given.get("GATEHOUSE_SMTP_SERVER", "").partition(":")
    security = given.get("GATEHOUSE_SMTP_SECURITY", "starttls")
    is_port = not port or (port.isascii() and port.isdecimal() and 0 < int(port) <= PORT_MAX)
    if not server or security not in get_args(Security) or not is_port:
        raise ConfigError("GATEHOUSE_SMTP_SERVER: HOST or HOST:PORT; GATEHOUSE_SMTP_SECURITY: starttls, tls or none")
    sender = given.get("GATEHOUSE_SMTP_FROM", "")
    if any("@" not in address or not address.isprintable() for address in (to, sender)):
        raise ConfigError("GATEHOUSE_PUBLISH_MAIL and GATEHOUSE_SMTP_FROM: mail addresses")
    usual = {"tls": 465, "starttls": 587, "none": 25}[security]
    user = given.get("GATEHOUSE_SMTP_USER", "")
    chosen: Security = security  # type: ignore[assignment]  # it was looked up above
    return Mailbox(to, sender, server, int(port or usual), chosen, user, _password(given))


def _password(given: Mapping[str, str]) -> str:
    path = given.get("GATEHOUSE_SMTP_PASSWORD_FILE")
    if not path:
        return given.get("GATEHOUSE_SMTP_PASSWORD", "")
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"GATEHOUSE_SMTP_PASSWORD_FILE: it cannot be read: {error.strerror}") from error
