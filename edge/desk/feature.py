"""A feature of the booth: a place of its own beside the lanes, with routes, pages, and parts that are kept true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

if TYPE_CHECKING:
    from edge.desk.booth import Booth


@dataclass(frozen=True, slots=True)
class Told:
    """What a page of a feature shows: its parts (templates by name, as `passes/board`, which is also their id), and values."""

    parts: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def _nothing(_booth: "Booth", _page: str, _language: str) -> Told:
    return Told()


@dataclass(frozen=True, slots=True)
class Feature:
    """Its `name` is its address and the folder of its templates, `letter` calls it, `title` (not translated) names it.

    `shown` says what a page (`passes/board`, or the name alone) shows beside what its route gives it: of what was read last.
    `refusals` are words (not translated) of what the gate may refuse of its acts.
    """

    name: str
    letter: str
    title: str
    router: APIRouter
    shown: Callable[["Booth", str, str], Told] = _nothing
    refusals: Mapping[str, str] = field(default_factory=dict)
