"""Several workers, a standby for the log: whoever is away or behind, an answer is right or a clear 503, never a wrong page."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sized
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from uuid import UUID

import httpx
import pytest
from sqlalchemy import make_url, select, text

from access.contract.sync import BatchAck
from central.actors import REGISTRY
from central.database import Database
from central.echoes import echoes
from central.errors import RegistryError
from central.registry import PUBLISHED, Registry, Work
from central.tables import JournalEntry
from tests.central.gate import Gate
from tests.central.machines import Machines, Worker, machines
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.programs]

PAGE_MAX = 200
NUMBERS = itertools.count(1)
RESTARTS = sized(quick=1, soak=10)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with machines(tmp_path_factory.mktemp("machines")) as made:
        yield made


class Sender:
    """A gate that remembers of each entry when its acknowledgement had come."""

    def __init__(self, many: Machines, worker: Worker, slug: str, seed: int) -> None:
        self.gate = Gate(worker.url, seed, slug)
        self.gate.join(many.registry, slug)
        self.acked: dict[UUID, datetime] = {}
        self.refusals: list[httpx.Response] = []
        self._ids: list[UUID] = []

    def add(self, count: int = 1) -> UUID:
        """Write entries, of which the last one's id is given."""
        for _ in range(count):
            self._ids.append(self.gate.decide(after_s=len(self._ids)))
        return self._ids[-1]

    def send(self, count: int) -> bool:
        """Send as many of those that wait; tells whether they were acknowledged."""
        done = len(self.acked)
        reply = self.gate.ask("POST", "/entries", self.gate.batch(done + 1, done + count))
        if reply.status_code != 200:
            self.refusals.append(reply)
            return False
        through = BatchAck.model_validate_json(reply.content).acked_through
        self.acked |= dict.fromkeys(self._ids[done:through], datetime.now(UTC))
        return True

    def send_on(self, until: Event) -> None:
        """Send entry after entry."""
        while not until.is_set():
            if len(self._ids) == len(self.acked):
                self.add()
            self.send(1)

    def is_through(self) -> bool:
        """Tell whether all have been acknowledged, sending what is not."""
        return self.send(len(self._ids) - len(self.acked)) if len(self._ids) > len(self.acked) else True


@pytest.fixture
def joined(many: Machines) -> Iterator[Callable[[int], Sender]]:
    """Give what lets one more gate join, at the first or second worker."""
    with ExitStack() as open_:

        def join(worker: int) -> Sender:
            number = next(NUMBERS)
            sender = Sender(many, many.workers[worker], f"gate-{number}", number)
            open_.callback(sender.gate.http.close)
            return sender

        yield join


class Page:
    """A page of the log as it was answered, and what it must have."""

    def __init__(self, reply: httpx.Response) -> None:
        assert reply.status_code == 200, reply.text
        self.as_of = datetime.fromisoformat(reply.headers["X-As-Of"])
        self.rows = reply.json()["rows"]
        self.ids = [UUID(row["id"]) for row in self.rows]

    def check(self, acked: dict[UUID, datetime], gate: UUID) -> None:
        """It is in order, of that gate, and has all that was acknowledged by the time that it says."""
        order = [(row["at"], row["id"]) for row in self.rows]
        assert order == sorted(order, reverse=True)
        assert {row["gate"] for row in self.rows} <= {str(gate)}
        due = [entry for entry, at in acked.items() if at <= self.as_of]
        assert {*due[-PAGE_MAX:]} <= {*self.ids}, "what was acknowledged by then is there"


def is_clear(reply: httpx.Response) -> bool:
    """Tell whether a refusal says what it is, and when to ask again."""
    told = reply.headers["Content-Type"], reply.headers.get("Retry-After")
    return reply.status_code == 503 and told == ("application/problem+json", "2") and bool(reply.json()["zh"])


def log_of(client: httpx.Client, gate: UUID) -> httpx.Response:
    return client.get("/log", params={"gate": str(gate), "limit": PAGE_MAX})


def questions(many: Machines) -> int:
    """Count how often workers have asked the standby for journal entries."""
    words = "SELECT COALESCE(sum(idx_scan + seq_scan), 0) FROM pg_stat_user_tables WHERE relname LIKE 'journal_entries%'"
    return int(str(many.on_standby(words)))


def test_the_log_is_looked_up_on_the_standby_and_says_until_when_it_is_whole(
    many: Machines, joined: Callable[[int], Sender]
) -> None:
    sender = joined(0)
    entry = sender.add(3)
    assert sender.send(3)
    with many.office(many.workers[1]) as office:
        before = questions(many)
        pages = []

        def has_it() -> bool:
            pages.append(Page(log_of(office, sender.gate.enrolled.gate)))
            return entry in pages[-1].ids and questions(many) > before

        wait_until(has_it, what="the standby to have answered with it")
        for page in pages:
            page.check(sender.acked, sender.gate.enrolled.gate)


def test_a_standby_that_lags_is_not_asked_and_what_is_opened_is_there_at_once(
    many: Machines, joined: Callable[[int], Sender]
) -> None:
    sender = joined(0)
    sender.add(2)
    assert sender.send(2)
    many.on_standby("SELECT pg_wal_replay_pause()")
    try:
        late = sender.add()
        assert sender.send(1)
        with many.office(many.workers[1]) as office:
            assert office.get(f"/entries/{late}").json()["row"]["id"] == str(late)
            pages = []

            def has_it() -> bool:
                pages.append(Page(log_of(office, sender.gate.enrolled.gate)))
                return late in pages[-1].ids

            wait_until(has_it, what="the primary to be asked")
            for page in pages:
                page.check(sender.acked, sender.gate.enrolled.gate)
                assert datetime.now(UTC) - page.as_of < timedelta(seconds=30)
    finally:
        many.on_standby("SELECT pg_wal_replay_resume()")


def looked_up(many: Machines, do: Callable[[Work], int]) -> int:
    """Look something up as a route does, once the standby is near enough to be asked at all."""

    def on_standby(work: Work) -> bool:
        return work.as_of is not None

    wait_until(lambda: many.registry.searched(REGISTRY, on_standby), what="the standby to be asked")
    return many.registry.searched(REGISTRY, do)


def test_what_a_standby_breaks_off_to_follow_is_asked_of_the_primary(many: Machines) -> None:
    with many.registry.write() as work:
        work.session.execute(text("CREATE TABLE passing (n int)"))
    wait_until(lambda: many.on_standby("SELECT to_regclass('passing')"), what="the standby to have the table")
    asked = []

    def count(work: Work) -> int:
        asked.append(work.as_of)
        found = work.session.scalar(text("SELECT count(*) FROM sites")) or 0
        if work.as_of is not None:
            work.session.execute(text("SELECT * FROM passing"))
            with many.registry.write() as other:
                other.session.execute(text("DROP TABLE passing"))
            wait_until(lambda: not many.on_standby("SELECT to_regclass('passing')"), what="the standby to follow")
            work.session.execute(text("SELECT count(*) FROM sites"))
        return found

    assert looked_up(many, count) == 1
    assert (asked[0] is not None, asked[1:]) == (True, [None])


def test_a_refusal_of_the_standby_is_not_the_last_word(many: Machines) -> None:
    asked = []

    def look(work: Work) -> int:
        asked.append(work.as_of)
        if work.as_of is not None:
            raise RegistryError("there is no such entry", 404, "id")
        return 7

    assert looked_up(many, look) == 7
    assert len(asked) == 2


def test_workers_wake_those_who_wait_at_others(many: Machines) -> None:
    """By what the other hears alone: nobody looks every second here."""
    here, site = many.registry, UUID(int=7)
    there = Registry(here.database, here.key, here.hash_key, here.pictures, here.pass_keys)

    def change() -> None:
        with here.write() as work:
            work.session.info[PUBLISHED] = {site, ("facts", site)}

    async def is_heard() -> None:
        with there.notices.listening(site) as rules, there.notices.listening(("facts", site)) as facts:
            while not (rules.is_set() and facts.is_set()):
                await asyncio.to_thread(change)
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.gather(rules.wait(), facts.wait()), 1)

    with echoes(here), echoes(there):
        asyncio.run(asyncio.wait_for(is_heard(), 30))


def test_of_several_workers_one_does_a_job_until_it_dies(many: Machines) -> None:
    with closing(Database(make_url(many.url))) as here, closing(Database(make_url(many.url))) as there:
        with here.alone("counting") as ours:
            with there.alone("counting") as theirs, there.alone("sweeping") as others:
                assert (ours, theirs, others) == (True, False, True)
            with there.write() as session:
                words = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                session.execute(text(words))

            def is_free() -> bool:
                with there.alone("counting") as theirs:
                    return theirs

            wait_until(is_free, what="the dead one's lock to be free")
        with here.alone("counting") as again:
            assert again, "with another connection"


@contextmanager
def busy(many: Machines, sender: Sender) -> Iterator[list[httpx.Response]]:
    """Let a gate send and somebody look through its log, at the second worker, while the block lasts; gives all pages."""
    over = Event()
    pages: list[httpx.Response] = []

    def read_on() -> None:
        with many.office(many.workers[1]) as office:
            while not over.is_set():
                pages.append(log_of(office, sender.gate.enrolled.gate))

    threads = [Thread(target=sender.send_on, args=(over,)), Thread(target=read_on)]
    for thread in threads:
        thread.start()
    try:
        yield pages
    finally:
        over.set()
        for thread in threads:
            thread.join()


def wait_for_more(things: Sized, count: int, what: str) -> None:
    """Wait until there are so many more."""
    before = len(things)
    wait_until(lambda: len(things) >= before + count, what=what)


def check_answers(many: Machines, sender: Sender, answers: list[httpx.Response]) -> None:
    """Every page is right or a clear 503, and what was acknowledged is stored, each once and in order."""
    for answer in answers:
        if answer.status_code == 200:
            Page(answer).check(sender.acked, sender.gate.enrolled.gate)
        else:
            assert is_clear(answer), answer.text
    assert all(is_clear(reply) for reply in sender.refusals)
    wait_until(sender.is_through, what="the rest to be taken")
    with many.registry.read() as work:
        query = select(JournalEntry.id).where(JournalEntry.gate_id == sender.gate.enrolled.gate).order_by(JournalEntry.seq)
        assert list(work.session.scalars(query)) == list(sender.acked)


def test_a_primary_that_is_started_anew_in_mid_request(many: Machines, joined: Callable[[int], Sender]) -> None:
    sender = joined(1)
    with busy(many, sender) as pages:
        for _ in range(RESTARTS):
            wait_for_more(sender.acked, 5, "entries to be taken")
            many.primary.stop()
            wait_for_more(sender.refusals, 1, "a refusal")
            many.primary.start_again()
        wait_for_more(sender.acked, 1, "entries to be taken again")
        wait_for_more(pages, 2, "pages to be shown again")
    check_answers(many, sender, pages)
    assert pages[-1].status_code == 200


def test_a_worker_that_is_killed_in_mid_request_loses_nothing_that_it_acknowledged(
    many: Machines, joined: Callable[[int], Sender]
) -> None:
    """The last but one, for nobody starts it again: its gate goes on at the other."""
    killed, left = many.workers
    sender = joined(0)
    sender.add(20)
    assert sender.send(20)
    over = Event()

    def send_until_it_dies() -> None:
        with suppress(httpx.TransportError):
            sender.send_on(over)

    thread = Thread(target=send_until_it_dies)
    thread.start()
    wait_until(lambda: len(sender.acked) > 25, what="entries to be taken")
    killed.kill()
    thread.join()
    sender.gate.http.close()
    sender.gate.http = httpx.Client(base_url=left.url, timeout=30, verify=False)
    with sender.gate.http:
        check_answers(many, sender, [])


def test_without_the_standby_the_primary_is_asked(many: Machines, joined: Callable[[int], Sender]) -> None:
    """The last: the standby stays away."""
    sender = joined(1)
    entry = sender.add(2)
    assert sender.send(2)
    with many.office(many.workers[1]) as office:
        many.standby.stop()
        page = Page(log_of(office, sender.gate.enrolled.gate))
        page.check(sender.acked, sender.gate.enrolled.gate)
        assert entry in page.ids
