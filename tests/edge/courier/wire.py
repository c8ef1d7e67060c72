"""A registry at the wire: verifies signatures and chains as the real one must, signs what it says, and fails when told to."""

import json
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access.chain import genesis, walk
from access.contract import API_PREFIX
from access.contract.alarms import AlarmsTaken, EarlyAlarm, EarlyAlarms
from access.contract.checkpoints import Checkpoint, Countersigned
from access.contract.commands import CommandResult, CommandsWaiting, RemoteCommand
from access.contract.deny import DenyList
from access.contract.facts import FactsPage, SharedFact
from access.contract.health import Health, HealthTaken
from access.contract.signature import (
    EDGE_HEADER,
    SEQUENCE_HEADER,
    SIGNATURE_HEADER,
    STREAM_HEADER,
    SignedRequest,
    sign_reply,
)
from access.contract.sync import BatchAck, EntryBatch, PepperTold, PictureAck, RulesPage, SentEntry

NO_SITE = UUID(int=0)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, detail: str, **facts: object) -> Answer:
    return Answer(status, json.dumps({"status": status, "detail": detail, **facts}).encode())


class Handler(BaseHTTPRequestHandler):
    """One connection. `respond` sends a whole answer, signed; faults use the pieces."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    server: "WireRegistry"

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fault = self.server.faults.popleft() if self.server.faults else None
        if fault is not None and fault.before:
            fault.act(self, Answer(200, b""))
            return
        answer = self.server.answer(self, body)
        if fault is not None:
            fault.act(self, answer)
        else:
            self.respond(answer)

    def respond(self, answer: Answer, *, signed: bool = True) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if signed:
            asked = self.headers.get(SIGNATURE_HEADER, "")
            self.send_header(SIGNATURE_HEADER, sign_reply(self.server.key, asked, answer.status, answer.body))
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request: `before` it is worked on, or after (then the registry has done what was asked)."""

    act: Callable[[Handler, Answer], None]
    before: bool = True


LOST_REQUEST = Fault(lambda handler, _: handler.hang_up())
LOST_REPLY = Fault(lambda handler, _: handler.hang_up(), before=False)
CAPTIVE_PORTAL = Fault(lambda handler, _: handler.respond(Answer(200, b"<html>please sign in</html>"), signed=False))
UNSIGNED = Fault(lambda handler, answer: handler.respond(answer, signed=False), before=False)


def refusing(status: int, field: str = "", **headers: str) -> Fault:
    """Refuse one request: with a `field` for what was sent, else as one that cannot be taken now."""
    named = {"field": field} if field else {}
    body = problem(status, "not now", **named).body
    answer = Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
    return Fault(lambda handler, _: handler.respond(answer))


class WireRegistry(ThreadingHTTPServer):
    """Keeps entries, pictures and rules in memory. `poison` are seqs that make a batch fail with `poison_status`."""

    daemon_threads = True

    def __init__(self, device: Ed25519PublicKey) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = Ed25519PrivateKey.generate()
        self.device = device
        self.faults: deque[Fault] = deque()
        self.entries: dict[UUID, list[SentEntry]] = {}
        self.batches: list[list[int]] = []
        self.inserted: list[tuple[UUID, int]] = []
        self.poison: set[int] = set()
        self.poison_status = 500
        self.quarantines = True
        self.pictures: dict[str, bytes] = {}
        self.refuse_pictures: set[str] = set()
        self.pages: deque[RulesPage] = deque()
        self.rules_asked: list[dict[str, str]] = []
        self.sequences: dict[str, int] = {}
        self.denied = DenyList(site=NO_SITE, serial=1, revision=0)
        self.denied_asked: list[int] = []
        self.early: list[EarlyAlarm] = []
        self.healths: list[Health] = []
        self.checkpoints: list[Checkpoint] = []
        self.agrees: bool | None = True
        self.facts: list[SharedFact] = []
        self.facts_asked: list[tuple[str, int]] = []
        self.commands: dict[UUID, RemoteCommand] = {}
        self.claims: list[UUID] = []
        self.results: list[CommandResult] = []
        self.refuse_results = 0
        self.refused_results: list[UUID] = []
        self.clock_ahead_s = 0.0
        self.asked = Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a client hang up without a word on standard error."""

    def answer(self, handler: Handler, body: bytes) -> Answer:
        self.asked.set()
        headers = handler.headers
        stream, sequence = headers[STREAM_HEADER], int(headers[SEQUENCE_HEADER])
        signed = SignedRequest(handler.command, handler.path, UUID(headers[EDGE_HEADER]), stream, sequence, body)
        signed.verify(self.device, headers[SIGNATURE_HEADER])
        if sequence <= self.sequences.get(stream, 0):
            return problem(409, "this sequence number was used before", field="sequence", sequence=self.sequences[stream])
        self.sequences[stream] = sequence
        where = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        match where.path.removeprefix(API_PREFIX).split("/")[1:]:
            case ["entries"]:
                return self._take(EntryBatch.model_validate(cbor2.loads(body)))
            case ["pictures", sha256]:
                return self._take_picture(sha256, body)
            case ["rules"]:
                return self._tell(query)
            case ["deny"]:
                self.denied_asked.append(int(query["since"]))
                return Answer(200, self.denied.model_dump_json().encode())
            case ["alarms"]:
                self.early.extend(EarlyAlarms.model_validate(cbor2.loads(body)).alarms)
                return Answer(200, AlarmsTaken(kept=1).model_dump_json().encode())
            case ["health"]:
                self.healths.append(Health.model_validate_json(body))
                return Answer(200, HealthTaken(received_us=self.now_us()).model_dump_json().encode())
            case ["checkpoints"]:
                return self._countersign(Checkpoint.model_validate_json(body))
            case other:
                return self._of_the_site(other, query, body)

    def _of_the_site(self, place: list[str], query: dict[str, str], body: bytes) -> Answer:
        match place:
            case ["pepper"]:
                return Answer(200, PepperTold(pepper="ab" * 32).model_dump_json().encode())
            case ["facts"]:
                return self._tell_facts(query["epoch"], int(query["after"]), int(query["limit"]))
            case ["commands"]:
                return Answer(200, CommandsWaiting(commands=tuple(self.commands)).model_dump_json().encode())
            case ["commands", command, "claim"]:
                return self._give(UUID(command))
            case ["commands", command, "result"]:
                if self.refuse_results:
                    self.refused_results.append(UUID(command))
                    return problem(self.refuse_results, "no result of this version", field="result")
                self.results.append(CommandResult.model_validate_json(body))
                return Answer(200, b"")
        return problem(404, "no such place")

    def _tell_facts(self, epoch: str, after: int, limit: int) -> Answer:
        self.facts_asked.append((epoch, after))
        newer = [fact for fact in self.facts if fact.cursor > after]
        told = tuple(newer[:limit])
        through = told[-1].cursor if told else after
        page = FactsPage(epoch=UUID(epoch), after=after, through=through, more=len(newer) > limit, facts=told)
        return Answer(200, page.model_dump_json().encode())

    def _give(self, command: UUID) -> Answer:
        self.claims.append(command)
        given = self.commands.pop(command, None)
        return problem(410, "too late", field="command") if given is None else Answer(200, given.model_dump_json().encode())

    def _take(self, batch: EntryBatch) -> Answer:
        known = self.entries.setdefault(batch.epoch, [])
        seqs = [entry.seq for entry in batch.entries]
        self.batches.append(seqs)
        if self.poison & set(seqs) and not (self.quarantines and len(seqs) == 1):
            return problem(self.poison_status, "one of these cannot be taken", field="entries")
        if seqs and seqs[0] <= len(known) + 1:
            before = walk(genesis(batch.edge, batch.epoch), (entry.canonical for entry in known[: seqs[0] - 1]))
            assert batch.follows == before, "the batch follows what is stored"
            for entry in batch.entries:
                if entry.seq == len(known) + 1:
                    known.append(entry)
                    self.inserted.append((batch.epoch, entry.seq))
                assert known[entry.seq - 1] == entry
        gaps = ((len(known) + 1, seqs[0] - 1),) if seqs and seqs[0] > len(known) + 1 else ()
        head = walk(genesis(batch.edge, batch.epoch), (entry.canonical for entry in known)).hex()
        ack = BatchAck(epoch=batch.epoch, acked_through=len(known), head=head, gaps=gaps)
        return Answer(200, ack.model_dump_json().encode())

    def _take_picture(self, sha256: str, body: bytes) -> Answer:
        if sha256 in self.refuse_pictures:
            return problem(422, "no JPEG", field="body")
        self.pictures[sha256] = body
        return Answer(200, PictureAck(sha256=sha256).model_dump_json().encode())

    def now_us(self) -> int:
        return round((time.time() + self.clock_ahead_s) * 1_000_000)

    def _countersign(self, told: Checkpoint) -> Answer:
        self.checkpoints.append(told)
        draft = Countersigned(checkpoint=told, agrees=self.agrees, received_us=self.now_us(), signature="0" * 128)
        signed = draft.model_copy(update={"signature": self.key.sign(draft.signed_bytes()).hex()})
        return Answer(200, signed.model_dump_json().encode())

    def _tell(self, query: dict[str, str]) -> Answer:
        self.rules_asked.append(query)
        since = int(query["since"])
        page = self.pages.popleft() if self.pages else RulesPage(since=since, revision=since)
        return Answer(200, page.model_dump_json().encode())


@contextmanager
def serving(device: Ed25519PublicKey) -> Iterator[WireRegistry]:
    registry = WireRegistry(device)
    thread = Thread(target=registry.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        registry.shutdown()
        thread.join()
        registry.server_close()
