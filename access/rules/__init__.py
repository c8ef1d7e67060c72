"""The rules of a decision, one small function each, in the order in which they are asked; the first that concludes decides.

How to add one: docs/rules.md.
"""

from collections.abc import Mapping

from access.case import Rule
from access.rules.access_level import access_level
from access.rules.anti_passback import anti_passback
from access.rules.block_list import block_list
from access.rules.contractor_pass import contractor_pass
from access.rules.credential import credential
from access.rules.emergency import emergency
from access.rules.evacuation import evacuation
from access.rules.goods import goods
from access.rules.home import home
from access.rules.lane_mode import lane_mode
from access.rules.list_age import list_age
from access.rules.quota import quota
from access.rules.signed_code import signed_code
from access.rules.two_factor import two_factor
from access.rules.two_person import two_person
from access.rules.unknown import unknown
from access.rules.vehicle_class import vehicle_class
from access.rules.visit import visit

RULES: Mapping[str, Rule] = {
    "evacuation": evacuation,
    "lane_mode": lane_mode,
    "block_list": block_list,
    "emergency": emergency,
    "signed_code": signed_code,
    "credential": credential,
    "access_level": access_level,
    "vehicle_class": vehicle_class,
    "quota": quota,
    "anti_passback": anti_passback,
    "visit": visit,
    "contractor_pass": contractor_pass,
    "goods": goods,
    "two_factor": two_factor,
    "two_person": two_person,
    "list_age": list_age,
    "home": home,
    "unknown": unknown,
}
