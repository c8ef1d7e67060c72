"""A plate opens only where it was read surely."""

from access.case import Case, Verdict

PLATE_SURE = 0.5  # on street photographs, plates read with more than this were right but for one in 345


def reading(case: Case) -> Verdict:
    """Refer a plate whose reading is doubtful."""
    saw = {"confidence": round(case.presented.confidence, 3)}
    sure = case.presented.medium != "plate" or case.presented.confidence >= PLATE_SURE  # a confidence that is no number is none
    return Verdict("" if sure else "doubtful", saw=saw)
