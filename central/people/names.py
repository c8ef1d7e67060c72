"""How names are masked where the full name is not needed."""


def masked(name: str) -> str:
    """Return the first character with a star for the rest: 李小明 is 李*, Li Wei is L*."""
    return f"{name[0]}*" if name else ""
