"""Log lines `L time name: text`, on the console and, once started as a module, over MQTT.

`L` is one of C E W I D; `time` is milliseconds since boot while the clock is unset, else
HH:MM:SS.mmm (UTC, or as the module sntp has it).
"""

import io
import sys

import log_lines
from log_lines import say
from micropython import const

CRITICAL = const(50)
ERROR = const(40)
WARNING = const(30)
INFO = const(20)
DEBUG = const(10)
NOTSET = const(0)

_NAME = const(64)  # characters of a logger's name: there has to be room for the text

_loggers = {}
_level = INFO
_no = object()  # stands for an argument that was not given


def _made(text, args):
    """The text of a line; None where there is no memory. A mistake in it is no reason to fail: it
    is shown as far as it can be."""
    try:
        if type(text) is not str:  # str() makes a copy of one
            text = str(text)
        return text % args if args else text
    except MemoryError:
        return None
    except Exception as e:
        for shown in ((text, args), (text, type(e)), (type(text), type(e))):
            try:
                return "%s %s" % shown
            except MemoryError:
                break
            except Exception:  # the text of an argument is code that fails
                pass
    return None


def _checked(level):
    if not isinstance(level, int):
        raise TypeError("expected a level such as logging.DEBUG, not %r" % (level,))
    return level


class Logger:
    def __init__(self, name):
        self.name = str(name)[:_NAME]
        self.level = NOTSET
        self.fit()

    def fit(self):
        """Takes over what has changed in the levels."""
        own = self.level or _level
        self._console, self._broker = own, max(own, log_lines.level)
        rules = sys.modules.get("log_levels")  # there once somebody has set some
        if hasattr(rules, "setting"):  # it may be there in part, for want of memory
            self._console, self._broker = rules.of(self.name, self._console, self._broker)
        self._lowest = min(self._console, self._broker)

    def setLevel(self, level):  # noqa: N802 - the name that everybody's modules call
        self.level = _checked(level)
        self.fit()

    def getEffectiveLevel(self):  # noqa: N802
        return self.level or _level

    def isEnabledFor(self, level):  # noqa: N802
        return level >= self._lowest

    def to_broker(self, level):
        return level >= self._broker

    def log(self, level, text, *args):
        if level >= self._lowest:
            self._say(min(max(level, 0), 255), text, args)

    # An interrupt has no memory for the tuple of *args: up to three arguments go without one.

    def debug(self, text, a=_no, b=_no, c=_no, *more):
        if self._lowest <= DEBUG:
            self._say_with(DEBUG, text, a, b, c, more)

    def info(self, text, a=_no, b=_no, c=_no, *more):
        if self._lowest <= INFO:
            self._say_with(INFO, text, a, b, c, more)

    def warning(self, text, a=_no, b=_no, c=_no, *more):
        if self._lowest <= WARNING:
            self._say_with(WARNING, text, a, b, c, more)

    warn = warning

    def error(self, text, a=_no, b=_no, c=_no, *more):
        if self._lowest <= ERROR:
            self._say_with(ERROR, text, a, b, c, more)

    def critical(self, text, a=_no, b=_no, c=_no, *more):
        if self._lowest <= CRITICAL:
            self._say_with(CRITICAL, text, a, b, c, more)

    def _say_with(self, level, text, a, b, c, more):
        try:
            if a is _no:
                args = ()
            elif b is _no:
                args = (a,)
            else:
                args = (a, b) if c is _no else (a, b, c) + more
        except MemoryError:
            self._miss(level)
            return
        self._say(level, text, args)

    def _say(self, level, text, args):
        text = _made(text, args)
        if text is None:
            self._miss(level)
            return
        say(level, self.name, text, level >= self._console, level >= self._broker)

    def _miss(self, level):
        log_lines.miss(level >= self._broker)

    def exc(self, exception, text, *args):
        """Logs `text` and the traceback of `exception`, as errors and as one message."""
        if self._lowest > ERROR:
            return
        try:
            trace = io.StringIO()
            text = _made(text, args)
            trace.write(text + "\n" if text is not None else "")
            try:
                sys.print_exception(exception, trace)
            except MemoryError:
                raise
            except Exception as e:  # its text is code that fails
                if not trace.getvalue().endswith(": "):
                    trace.write(type(exception).__name__ + ": ")
                trace.write("its text cannot be shown: %s" % type(e).__name__)
            text = trace.getvalue()
        except MemoryError:
            self._miss(ERROR)
            return
        self._say(ERROR, text, ())

    def exception(self, text, *args, exc_info=None):
        """As in CPython; but stock MicroPython knows no current exception: give it as exc_info."""
        if isinstance(exc_info, BaseException):
            self.exc(exc_info, text, *args)
        else:
            self.error(text, *args)


def getLogger(name="root"):  # noqa: N802
    if name not in _loggers:
        _loggers[name] = Logger(name or "root")
    return _loggers[name]


def basic():
    """The level of the loggers that have none of their own."""
    return _level


def info(text, *args):
    getLogger().info(text, *args)


def debug(text, *args):
    getLogger().debug(text, *args)


def fit():
    """To be called when levels have changed."""
    for logger in _loggers.values():
        logger.fit()


def basicConfig(level=INFO, **_):  # noqa: N802
    """Sets the level of the loggers that have none of their own."""
    global _level
    _level = _checked(level)
    fit()


def start(mqtt, config):
    import log_relay

    log_relay.start(mqtt, config)
