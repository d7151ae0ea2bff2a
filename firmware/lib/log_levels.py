"""The levels of loggers by name, for the console and for the broker: the setting `log`.

Loaded when somebody has set some, or asks.
"""

import log_lines
import logging

_NAMES = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50, "off": 255}
_WHERE = ("mqtt", "console")

_configured = {}
_set = {}


def of(name, console, broker):
    """The two levels of a logger; those given are what holds where nothing is set."""
    return _level("console", name, console), _level("mqtt", name, broker)


def _level(where, name, otherwise):
    for rules in (_set.get(where), _configured.get(where)):
        if rules:
            if name in rules:
                return rules[name]
            if "*" in rules:
                return rules["*"]
    return otherwise


def configure(levels):
    global _configured
    try:
        _configured = _understood(levels)
    except ValueError as e:
        logging.getLogger("logging").error("logging: %s", e)


def setting(*to):
    """The levels that hold; with an argument they are set before, with None as configured."""
    global _set
    if to:
        _set = {} if to[0] is None else _understood(to[0])
        logging.fit()
    holds = {}
    for where in _WHERE:
        names = {"*": None}
        names.update(_configured.get(where) or {})
        if "*" in (_set.get(where) or {}):
            names = {}
        names.update(_set.get(where) or {})
        otherwise = logging.basic()
        if where == "mqtt":
            otherwise = max(otherwise, log_lines.level)
        holds[where] = {name: _word(_level(where, name, otherwise)) for name in names}
    return holds


def _word(level):
    for name, number in _NAMES.items():
        if number == level:
            return name
    return level


def _understood(levels):
    """The same with numbers; ValueError says what cannot be understood."""
    if not isinstance(levels, dict):
        raise ValueError("expected levels such as {'mqtt': {'*': 'info'}}, not %r" % (levels,))
    found = {}
    for where, names in levels.items():
        if where not in _WHERE or not isinstance(names, dict):
            raise ValueError("expected 'mqtt' and 'console' with names and levels, not %r" % where)
        found[where] = {}
        for name, level in names.items():
            number = _NAMES.get(level, level)
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                raise ValueError("%s: expected debug, info, ..., off or a number" % name)
            found[where][name] = number
    return found
