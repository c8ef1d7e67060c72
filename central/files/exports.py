"""Exports: the lists of the API as sheets that an import reads back, and records of workflows flat."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from central.errors import RegistryError
from central.files.catalogue import AT_THE_MACHINE, AnySheet, sheet_of, sheets
from central.files.flat import FlowSheet
from central.files.writing import Cell, write_csv, write_xlsx
from central.flows import FLOWS
from central.kinds import KINDS
from central.people.schemas import PersonsAsked
from central.records import repository as records
from central.records.offers import OFFERS
from central.records.schemas import PAGE_MAX, Asked
from central.registry import Registry, Work
from central.tables import Site
from central.users.rights import RIGHTS
"""

"""
