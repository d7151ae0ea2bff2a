"""The link to the rest of the virtual board: lines of text on file descriptor 3."""

import sys

_link = open(3, "r+b")  # noqa: SIM115 - open until the power goes


def tell(line):
    _link.write(line + "\n")


def ask(line):
    _link.write("?" + line + "\n")
    answer = _link.readline()
    if not answer:
        halt()
    return str(answer[:-1], "utf8")


def halt():
    """Waits for the power to go. Where it went without a kill, the link has ended: so do we."""
    while _link.readline():
        pass
    while True:
        sys.exit()
