"""The memory of what really happened."""

from simulators.traffic.truth import Truth, Visit, plate_before


def visit(lane: str, plate: str, began: float) -> Visit:
    return Visit(lane, "resident", own_right=True, plate=plate, began=began, ended=began + 5, passed=True)


def test_plate_before_is_the_last_that_came_to_this_lane() -> None:
    truth = Truth()
    for each in (visit("in-1", "苏A12345", 10), visit("out-1", "苏B12345", 15), visit("in-1", "苏C12345", 20)):
        truth.note(each)
    visits = truth.visits()
    assert plate_before(visits, "in-1", 9.9) == ""
    assert plate_before(visits, "in-1", 10.0) == "苏A12345"
    assert plate_before(visits, "in-1", 19.9) == "苏A12345"
    assert plate_before(visits, "in-1", 99.0) == "苏C12345"
    assert plate_before(visits, "out-1", 99.0) == "苏B12345"
