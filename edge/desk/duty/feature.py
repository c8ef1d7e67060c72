"""This place as the booth knows it."""

from edge.desk.duty.routes import router
from edge.desk.duty.words import REFUSALS, TITLE
from edge.desk.feature import Feature

DUTY = Feature("duty", "D", TITLE, router, refusals=REFUSALS)
