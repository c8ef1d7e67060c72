"""The rules of a decision, one small function each, in the order in which they are asked."""

from collections.abc import Mapping

from access.case import Rule
from access.rules.access_level import access_level
from access.rules.block_list import block_list
from access.rules.credential import credential
from access.rules.lane_mode import lane_mode
from access.rules.reading import reading
from access.rules.unknown import unknown

RULES: Mapping[str, Rule] = {
    "lane_mode": lane_mode,
    "block_list": block_list,
    "unknown": unknown,
    "reading": reading,
    "credential": credential,
    "access_level": access_level,
}
