"""This place as the booth knows it."""

from edge.desk.feature import Feature
from edge.desk.handover.routes import router
from edge.desk.handover.shown import shown
from edge.desk.handover.words import REFUSALS, TITLE

HANDOVER = Feature("handover", "H", TITLE, router, shown, REFUSALS)
