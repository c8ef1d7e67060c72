"""What the driver or the person at the door is told, short as a lane display has room for."""

from access.words import Words, worded

SIGNS: Words = {
    "welcome": ("欢迎", "Welcome"),
    "go": ("请通行", "Please go through"),
    "wait": ("请稍候", "Please wait"),
    "show_second": ("请刷卡或扫码", "Please present your card or code"),
    "guard_decides": ("请等待保安", "Please wait for the guard"),
    "turned_away": ("禁止通行，请联系保安", "No entry. Please ask the guard"),
    "other_gate": ("请等候另一道门关闭", "Please wait for the other gate"),
    "closed": ("车道关闭", "Lane closed"),
    "out_of_service": ("车道停用，请走其他车道", "Out of service. Use another lane"),
    "keep_clear": ("道闸下落，请勿跟车", "Arm coming down. Do not follow"),
    "fault": ("道闸故障，请联系保安", "Out of order. Please ask the guard"),
    "leave": ("紧急疏散，请迅速离开", "Emergency. Leave at once"),
    "held_open": ("道闸常开，请慢行", "Open. Drive slowly"),
    "days_left": ("有效期还剩 {days} 天", "{days} days left"),
}
# What reads otherwise where the direction is known, and at a door.
_BY_DIRECTION: Words = {
    "welcome out": ("一路平安", "Drive safely"),
    "go in": ("请驶入", "Please drive in"),
    "go out": ("请驶出，一路平安", "Please drive out"),
    "turned_away out": ("禁止驶出，请联系保安", "No exit. Please ask the guard"),
}
_AT_A_DOOR: Words = {
    "go": ("请通行", "Please go through"),
    "go in": ("请进", "Please come in"),
    "go out": ("请慢走", "Please go out"),
    "turned_away out": ("禁止外出，请联系保安", "No exit. Please ask the guard"),
    "other_gate": ("请等候另一道门关闭", "Please wait for the other door"),
    "closed": ("此门关闭", "Door closed"),
    "out_of_service": ("此门停用，请走其他门", "Out of service. Use another door"),
    "keep_clear": ("正在关门，请勿尾随", "Door closing. Do not follow"),
    "fault": ("门故障，请联系保安", "Out of order. Please ask the guard"),
    "held_open": ("门常开", "Open"),
}


def sign_in_words(code: str, language: str, direction: str = "both", kind: str = "vehicle") -> str:
    """Return what is shown for a sign at a lane of this direction (in, out, both) and kind; a later code stands for itself."""
    spoken = {**SIGNS, **_BY_DIRECTION, **(_AT_A_DOOR if kind == "pedestrian" else {})}
    directed = f"{code} {direction}"
    return worded(spoken, directed if directed in spoken else code, language)
