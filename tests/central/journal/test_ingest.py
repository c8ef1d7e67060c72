import random
from collections.abc import Iterator
from uuid import uuid4

import cbor2
import httpx
import pytest
from sqlalchemy import func, select

from access.chain import genesis, link
from access.contract.sync import BATCH_BYTES_MAX, PICTURE_BYTES_MAX
from access.entries import Observed
from central.edges import repository as edges
from central.journal import services
from central.journal.reading import read_here
from central.registry import Registry
from central.tables import Edge, JournalEntry, Lane, QuarantinedEntry
from tests.central.gate import JPEG, Gate

LANE = {"lane_kind": "vehicle", "direction": "in", "mode": "normal", "unknown": "refer"}


def stored(registry: Registry) -> list[int]:
    with registry.read() as work:
        return list(work.session.scalars(select(JournalEntry.seq).order_by(JournalEntry.seq)))


def test_what_is_acknowledged_is_stored_on_its_chain(gate: Gate, registry: Registry) -> None:
    for n in range(5):
        gate.decide(after_s=n)
    ack = gate.send()
    assert (ack.acked_through, ack.head, ack.gaps, ack.quarantined) == (5, gate.head(5).hex(), (), ())
    with registry.read() as work:
        rows = work.session.scalars(select(JournalEntry).order_by(JournalEntry.seq)).all()
    assert [row.canonical for row in rows] == [sealed.canonical for sealed in gate.entries]
    assert [row.chain_hash for row in rows] == [gate.head(n) for n in range(1, 6)]


def test_sent_again_it_is_stored_once(gate: Gate, registry: Registry) -> None:
    for n in range(6):
        gate.decide(after_s=n)
    assert gate.send(1, 4).acked_through == 4
    assert gate.send(1, 4).acked_through == 4
    assert gate.send(3, 6).acked_through == 6
    assert stored(registry) == [1, 2, 3, 4, 5, 6]


def test_what_was_here_when_a_batch_was_read_and_is_no_more_is_not_passed_over(gate: Gate, registry: Registry) -> None:
    """The commit may have failed of one who wrote before it: what it leaves out would be acknowledged and stored nowhere."""
    for n in range(3):
        gate.decide(after_s=n)
    with registry.write() as work:
        speaker = edges.locked_speaker(work.session, gate.enrolled.edge, work.at)
        home = services.home_of(registry.database.form, speaker, work.at, 2, {})
        with pytest.raises(services.ReadAgainError) as again:
            services.take_in(work, speaker, 2, read_here(gate.batch(), home))
    assert (again.value.after, stored(registry)) == (0, [])


def test_a_lane_that_was_made_between_two_batches_is_known_in_the_second(gate: Gate, registry: Registry) -> None:
    gate.decide(lane="in-9")
    gate.send(1)
    with registry.write() as work:
        made = Lane(id=uuid4(), site_id=gate.enrolled.site, gate_id=gate.enrolled.gate, slug="in-9", name="", **LANE)
        work.session.add(made)
    gate.decide(lane="in-9")
    gate.decide(lane="in-1")
    gate.send(2)
    with registry.read() as work:
        lanes = work.session.scalars(select(JournalEntry.lane_id).order_by(JournalEntry.seq)).all()
    assert lanes == [None, made.id, gate.enrolled.lanes["in-1"]]


def test_a_gate_that_was_revoked_between_two_batches_is_not_heard_and_heard_again_when_it_may_speak(
    gate: Gate, registry: Registry
) -> None:
    gate.decide()
    gate.send(1)
    statuses = []
    for status in ("revoked", "revoked", "active"):
        with registry.write() as work:
            work.session.get_one(Edge, gate.enrolled.edge).status = status
        gate.decide()
        statuses.append(gate.ask("POST", "/entries", gate.batch(2)).status_code)
    assert (statuses, stored(registry)) == ([403, 403, 200], [1, 2, 3, 4])


def test_an_empty_batch_asks_how_far_it_is(gate: Gate) -> None:
    assert gate.send().acked_through == 0


def test_what_is_missing_is_asked_for(gate: Gate, registry: Registry) -> None:
    for n in range(6):
        gate.decide(after_s=n)
    gate.send(1, 2)
    ack = gate.send(5, 6)
    assert (ack.acked_through, ack.gaps) == (2, ((3, 4),))
    assert stored(registry) == [1, 2]


def test_a_batch_that_follows_nothing_is_refused_and_told_the_head(gate: Gate, registry: Registry) -> None:
    gate.decide()
    gate.decide()
    gate.send(1, 1)
    reply = gate.ask("POST", "/entries", gate.batch(2, follows=bytes(32)))
    assert (reply.status_code, reply.json()["acked_through"], reply.json()["head"]) == (409, 1, gate.head(1).hex())
    assert stored(registry) == [1]
    assert gate.send(2).acked_through == 2


def test_a_second_history_quarantines_the_edge(gate: Gate, registry: Registry) -> None:
    gate.decide("粤B11111")
    gate.decide("粤B22222")
    gate.send()
    gate.entries.pop()
    gate.decide("粤B33333")
    assert gate.ask("POST", "/entries", gate.batch(2)).status_code == 409
    refused = gate.ask("POST", "/entries", gate.batch(2))
    assert (refused.status_code, refused.json()["edge_status"]) == (403, "quarantined")
    assert stored(registry) == [1, 2]
    assert gate.ask_to_enrol(gate.token_from(registry)).status_code == 409


def test_epochs_have_chains_of_their_own(gate: Gate) -> None:
    gate.decide()
    gate.send()
    gate.epoch, gate.entries = uuid4(), []
    gate.decide(after_s=1)
    assert gate.send().acked_through == 1


class TestPoison:
    """An entry that cannot be read is parked with its reason; those around it are stored, and the chain goes over it."""

    def test_garbage(self, gate: Gate, registry: Registry) -> None:
        gate.decide()
        gate.entries.append(type(gate.entries[0])(b"\xff not an entry", b""))
        gate.decide(after_s=2)
        ack = gate.send()
        assert (ack.acked_through, [parked.seq for parked in ack.quarantined]) == (3, [2])
        assert ack.head == link(link(gate.head(1), b"\xff not an entry"), gate.entries[2].canonical).hex()
        assert stored(registry) == [1, 3]
        with registry.read() as work:
            assert work.session.scalars(select(func.count()).select_from(QuarantinedEntry)).one() == 1
        assert gate.send(2).acked_through == 3, "a parked entry sent again is known"

    def test_personal_fields_of_something_else(self, gate: Gate) -> None:
        gate.decide()
        gate.entries[0] = type(gate.entries[0])(gate.entries[0].canonical, cbor2.dumps({"text": [b"salt", "粤A00000"]}))
        assert [parked.seq for parked in gate.send().quarantined] == [1]

    def test_a_text_that_no_database_holds(self, gate: Gate, registry: Registry) -> None:
        gate.write(Observed("arm\x00up"))
        gate.write(Observed("x" * 300))
        gate.write(Observed("tailgating"))
        assert [parked.seq for parked in gate.send().quarantined] == [1, 2]
        assert stored(registry) == [3]

    def test_an_entry_of_another_place(self, gate: Gate) -> None:
        gate.decide()
        gate.entries.append(gate.entries[0])
        assert [parked.seq for parked in gate.send().quarantined] == [2]

    def test_an_id_used_twice_behind_many_that_are_in_already(self, gate: Gate, registry: Registry) -> None:
        """They went into the tables before it came to light: they are taken back and put in again without it."""
        first = gate.decide()
        for n in range(150):
            gate.write(Observed("tailgating"), entry_id=first if n == 140 else None)
        assert [parked.seq for parked in gate.send().quarantined] == [142]
        assert stored(registry) == [*range(1, 142), *range(143, 152)]

    def test_an_id_used_twice(self, gate: Gate, registry: Registry) -> None:
        first = gate.decide()
        gate.send()
        gate.write(Observed("tailgating"), entry_id=first)
        gate.write(Observed("tailgating"))
        assert [parked.seq for parked in gate.send(2).quarantined] == [2]
        assert stored(registry) == [1, 3]


class TestRefusals:
    def test_garbage(self, gate: Gate, registry: Registry) -> None:
        chance = random.Random(5)
        gate.decide()
        for _ in range(25):
            flipped = bytearray(gate.batch())
            flipped[chance.randrange(60)] ^= 1 << chance.randrange(8)
            for body in (bytes(flipped), chance.randbytes(chance.randrange(200))):
                assert gate.ask("POST", "/entries", body).status_code in {400, 403, 409}
        assert stored(registry) == []

    def test_nested_without_end(self, gate: Gate) -> None:
        assert gate.ask("POST", "/entries", b"\x81" * 100_000).status_code == 400

    def test_of_another_edge(self, gate: Gate) -> None:
        gate.decide()
        assert gate.ask("POST", "/entries", gate.batch(edge=uuid4())).status_code == 403

    def test_with_a_gap_inside(self, gate: Gate) -> None:
        gate.decide()
        sent = [{"seq": n, "canonical": b"x", "personal": b""} for n in (1, 3)]
        assert gate.ask("POST", "/entries", gate.batch(entries=sent)).status_code == 400

    def test_too_large(self, gate: Gate) -> None:
        reply = gate.ask("POST", "/entries", bytes(BATCH_BYTES_MAX + 1))
        assert reply.status_code == 413

    def test_without_end(self, gate: Gate) -> None:
        """A body that claims no length is cut off while it is read."""

        def parts() -> Iterator[bytes]:
            for _ in range(100):
                yield bytes(1024 * 1024)

        try:
            reply = gate.http.post("/api/edge/v1/entries", content=parts())
        except httpx.TransportError:
            return
        assert reply.status_code == 413


def test_the_first_entry_follows_the_genesis(gate: Gate) -> None:
    gate.decide()
    assert gate.head(0) == genesis(gate.enrolled.edge, gate.epoch)


class TestPictures:
    def test_kept_and_shown(self, gate: Gate, admin: httpx.Client) -> None:
        gate.decide(capture="c1")
        gate.send()
        sha256 = gate.send_picture(JPEG, "c1").json()["sha256"]
        assert gate.send_picture(JPEG, "c1").status_code == 200, "again is harmless"
        assert admin.get("/log").json()["rows"][0]["pictures"] == [sha256]
        shown = admin.get(f"/pictures/{sha256}")
        assert (shown.content, shown.headers["Content-Type"]) == (JPEG, "image/jpeg")

    def test_no_picture_of_ours(self, gate: Gate) -> None:
        huge = JPEG.replace(b"\x02\xd0\x05\x00", b"\xff" * 4)
        without_frame = JPEG.replace(b"\xff\xc0", b"\xff\xfe")
        for data in (b"", b"GIF89a", JPEG[:-2], huge, without_frame):
            assert gate.send_picture(data, "c1").status_code == 422

    def test_too_large(self, gate: Gate) -> None:
        assert gate.send_picture(JPEG + bytes(PICTURE_BYTES_MAX), "c1").status_code == 413

    def test_another_hash(self, gate: Gate) -> None:
        reply = gate.ask("PUT", f"/pictures/{'0' * 64}?capture=c1", JPEG)
        assert (reply.status_code, reply.json()["field"]) == (422, "sha256")

    def test_unknown_ones(self, admin: httpx.Client) -> None:
        assert admin.get(f"/pictures/{'0' * 64}").status_code == 404
        assert admin.get("/pictures/..%2f..%2fregistry.key").status_code in {404, 422}
