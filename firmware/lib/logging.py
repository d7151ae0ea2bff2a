"""Log lines `L time name: text`, on the console and, once started as a module, over MQTT.

`L` is one of C E W I D; `time` is milliseconds since boot while the clock is unset, else
HH:MM:SS.mmm (UTC).
"""

import io
import sys

from log_lines import backlog, write
from micropython import const

CRITICAL = const(50)
ERROR = const(40)
WARNING = const(30)
INFO = const(20)
DEBUG = const(10)
NOTSET = const(0)

_loggers = {}
_level = INFO


class Logger:
    def __init__(self, name):
        self.name = name
        self.level = NOTSET

    def setLevel(self, level):  # noqa: N802 - the name that everybody's modules call
        self.level = level

    def getEffectiveLevel(self):  # noqa: N802
        return self.level or _level

    def isEnabledFor(self, level):  # noqa: N802
        return level >= (self.level or _level)

    def log(self, level, text, *args):
        if level >= (self.level or _level):
            text = str(text)
            write(level, self.name, text % args if args else text)

    def debug(self, text, *args):
        self.log(DEBUG, text, *args)

    def info(self, text, *args):
        self.log(INFO, text, *args)

    def warning(self, text, *args):
        self.log(WARNING, text, *args)

    warn = warning

    def error(self, text, *args):
        self.log(ERROR, text, *args)

    def critical(self, text, *args):
        self.log(CRITICAL, text, *args)

    def exc(self, exception, text, *args):
        """Logs `text` and the traceback of `exception`, as errors."""
        self.log(ERROR, text, *args)
        trace = io.StringIO()
        sys.print_exception(exception, trace)
        self.log(ERROR, "%s", trace.getvalue())

    def exception(self, text, *args, exc_info=None):
        """As in CPython; but stock MicroPython knows no current exception: give it as exc_info."""
        if isinstance(exc_info, BaseException):
            self.exc(exc_info, text, *args)
        else:
            self.error(text, *args)


def getLogger(name="root"):  # noqa: N802
    if name not in _loggers:
        _loggers[name] = Logger(name)
    return _loggers[name]


def basicConfig(level=INFO, **_):  # noqa: N802
    """Sets the level of the loggers that have none of their own."""
    global _level
    _level = level


def start(mqtt, config):
    import log_relay

    log_relay.start(mqtt, config, backlog)
