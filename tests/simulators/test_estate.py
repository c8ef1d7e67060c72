"""The invented estate: the same for a seed, free of accidental likeness, and accepted by a real registry."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.card import CardNumber
from access.contract.record_fields import Record
from access.contract.records import CardRecord, GuardRecord, LaneRecord, LevelRecord, PersonRecord, VehicleRecord
from access.plate import kind_of, normalise, skeleton
from central.access_rules.stream import rules_page
from central.config import Settings
from central.migrations import migrate
from central.registry import Registry
from central.seeds import Seed, put_seed
from central.sites.repository import gate_by_slug, site_by_slug
from simulators.estate import CARD_BITS, GATE, LANES, LOOK_ALIKES, SITE, Estate, Plate, make_estate, seed_document

seeds = st.integers(0, 2**32)
moments = st.integers(1_767_000_000, 1_900_000_000).map(lambda utc: datetime.fromtimestamp(utc, UTC))


@given(seeds)
def test_same_seed_same_estate(seed: int) -> None:
    assert make_estate(seed) == make_estate(seed)
    assert make_estate(seed) != make_estate(seed + 1)


@given(seeds)
def test_plates_are_good_and_resemble_each_other_only_where_meant(seed: int) -> None:
    estate = make_estate(seed)
    apart = [plate.text for plate in (*_resident_plates(estate), *_strangers(estate))]
    for text in (*apart, *(plate.text for plate in estate.look_alikes)):
        assert normalise(text) == text
        assert kind_of(text)
    assert not [pair for pair in combinations(apart, 2) if skeleton(pair[0]) == skeleton(pair[1])]
    for alike in estate.look_alikes:
        assert [text for text in apart if skeleton(text) == skeleton(alike.text) and text != alike.text]
    assert len(estate.look_alikes) == len(LOOK_ALIKES)


@given(seeds)
def test_no_form_of_a_card_is_anothers(seed: int) -> None:
    forms = [
        form for holder in make_estate(seed).holders if holder.card for form in CardNumber(holder.card, CARD_BITS).deliverable()
    ]
    assert len(forms) == len(set(forms))


@given(seeds, moments)
def test_somebody_is_always_off_shift(seed: int, at: datetime) -> None:
    estate = make_estate(seed)
    assert estate.off_shift(at)
    assert not set(estate.on_shift(at)) & set(estate.off_shift(at))


@pytest.mark.parametrize("hour", range(24))
def test_in_the_middle_of_an_hour_some_are_on_shift(hour: int) -> None:
    at = datetime(2026, 3, 2, hour, 30, tzinfo=UTC)
    estate = make_estate(1)
    assert len(estate.on_shift(at)) + len(estate.off_shift(at)) == len(estate.staff)
    assert estate.on_shift(at) == estate.on_shift(at + timedelta(days=1))


def test_registry_takes_it_and_hands_it_to_the_gate(tmp_path: Path) -> None:
    estate = make_estate(1)
    registry = Registry.open(Settings(tmp_path))
    try:
        migrate(registry.database)
        for _ in range(2):  # a second time changes nothing
            with registry.write() as work:
                put_seed(work, Seed.model_validate(seed_document(estate)))
        records = _rules(registry)
    finally:
        registry.database.close()
    wanted = {
        LaneRecord: len(LANES),
        LevelRecord: 5,
        PersonRecord: len(estate.holders),
        VehicleRecord: len(estate.residents),
        CardRecord: len(estate.holders),
        GuardRecord: len(estate.guards),
    }
    assert {kind: sum(isinstance(record, kind) for record in records) for kind in wanted} == wanted


def _rules(registry: Registry) -> list[Record]:
    with registry.read() as work:
        site = site_by_slug(work.session, SITE)
        assert site is not None
        gate = gate_by_slug(work.session, site.id, GATE)
        assert gate is not None
        page = rules_page(work.session, site.id, gate.id, 0, "", None)
    assert page.complete
    assert page.more is None
    return [upsert.record for upsert in page.upserts]


def _resident_plates(estate: Estate) -> list[Plate]:
    return [holder.plate for holder in estate.residents if holder.plate]


def _strangers(estate: Estate) -> list[Plate]:
    return [*estate.strangers, estate.blocked]
