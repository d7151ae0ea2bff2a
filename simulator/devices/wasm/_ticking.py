"""What stands for the interrupt behind `machine.Timer`: the program's own waiting. One that is
stuck, or that waits for a blocking socket, has none here."""

import _board


def start(run):
    _board.run_timers = run


def stop():
    _board.run_timers = None
