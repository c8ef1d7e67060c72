"""The trades of workers: some show a certificate, so a trade is a code that no spelling gets round."""

from typing import Final, Literal

from access.words import Words

Trade = Literal[
    "",
    "carpenter",
    "cleaner",
    "electrician",
    "gas_fitter",
    "installer",
    "mason",
    "mover",
    "other",
    "painter",
    "plumber",
    "supervisor",
]
TRADES: Final[Words] = {
    "carpenter": ("木工", "carpenter"),
    "cleaner": ("保洁工", "cleaner"),
    "electrician": ("电工", "electrician"),
    "gas_fitter": ("燃气工", "gas fitter"),
    "installer": ("安装工", "installer"),
    "mason": ("泥瓦工", "mason"),
    "mover": ("搬运工", "mover"),
    "other": ("其他工种", "another trade"),
    "painter": ("油漆工", "painter"),
    "plumber": ("水工", "plumber"),
    "supervisor": ("监理", "supervisor"),
}
