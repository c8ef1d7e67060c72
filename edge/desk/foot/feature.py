"""This place as the booth knows it."""

from edge.desk.feature import Feature
from edge.desk.foot.routes import router
from edge.desk.foot.words import REFUSALS, TITLE

FOOT = Feature("foot", "B", TITLE, router, refusals=REFUSALS)
