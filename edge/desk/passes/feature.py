"""This place as the booth knows it."""

from edge.desk.feature import Feature
from edge.desk.passes.routes import router
from edge.desk.passes.words import REFUSALS, TITLE

PASSES = Feature("passes", "P", TITLE, router, refusals=REFUSALS)
