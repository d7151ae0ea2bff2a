"""Whether the board has what a release needs."""

import sys

import crash
from mqrepl.reply import Failure


def check(needs):
    mpy = ".".join([str(n) for n in sys.implementation.version[:3]])
    if len(sys.implementation.version) > 3 and sys.implementation.version[3]:
        mpy += "-" + sys.implementation.version[3]
    for key, words, has in (
        ("mpy", "MicroPython", mpy),
        ("fw", "the framework", crash.facts.get("fw", "0")),
    ):
        least = needs.get(key)
        if least and not at_least(has, least):
            raise Failure("needs", "it needs %s %s, and this board has %s" % (words, least, has))
    kinds = needs.get("kind")
    if kinds:
        kind = getattr(sys.modules.get("board_config"), "kind", None)
        if kind not in (kinds if isinstance(kinds, list) else [kinds]):
            raise Failure("needs", "it is for boards of kind %s, and this is %s" % (kinds, kind))


def at_least(version, least):
    """Numbers count; with more behind them (1.27.0-preview) it comes before the same without."""
    numbers, rest = _parts(version)
    others, other_rest = _parts(least)
    if version == least:
        return True
    if not numbers or not others:
        return False
    if numbers != others:
        return numbers > others
    return rest[:1] != "-" or other_rest[:1] == "-"


def _parts(version):
    end = 0
    while end < len(version) and (version[end].isdigit() or version[end] == "."):
        end += 1
    numbers = [int(part) for part in version[:end].split(".") if part]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers or [0] if end else [], version[end:]
