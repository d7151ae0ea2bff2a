"""The power supply, which may fail at any change of what outlives it."""

gauge = None  # see _gauge.py


def change(data=b""):
    """To be called before each. None: go on. Else what of `data` arrives; then call `fail`."""
    gauge.changes += 1
    if not gauge.left:
        return None
    gauge.left -= 1
    if gauge.left:
        return None
    return data[: len(data) // 2] if gauge.torn else data


def step(do, *args):
    """A change that takes place as a whole or not at all."""
    arrives = change(b"12")
    if arrives is None:
        return do(*args)
    if len(arrives) == 2:
        do(*args)
    fail()
    return None


def fail():
    from _board import halt, tell

    tell("power-cut")
    halt()
