"""The places of the booth beside the lanes, in the order in which the page names them."""

from edge.desk.duty.feature import DUTY
from edge.desk.foot.feature import FOOT
from edge.desk.goods.feature import GOODS
from edge.desk.handover.feature import HANDOVER
from edge.desk.passes.feature import PASSES
from edge.desk.visitors.feature import VISITORS

FEATURES = (VISITORS, PASSES, GOODS, FOOT, DUTY, HANDOVER)
