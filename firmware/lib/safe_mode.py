"""Starts the board in safe mode: the link and its commands, and nothing of the user's."""

import os
import sys

import __main__
from micropython import const

_PAUSE = const(30)  # seconds before the reset, where even this fails
_MODULES = ("mqtt", "sntp", "logging", "mqrepl", "sysinfo", "watchdog")
_PACK = "/safe"


def run():
    """Comes back only by an exception. The safe copy, if there is one, is first on Python's path.

    Every other boot that nothing reached takes the configuration that is on the flash: it may
    know a network that the confirmed one does not. Not after that one was tried in normal mode.
    """
    state = __main__.state
    if state.get("lost", 0) & 1 and not state.get("once") and _PACK in sys.path:
        sys.path.remove(_PACK)
        try:
            import board_config  # noqa: F401
        except Exception as e:
            sys.print_exception(e)
            sys.modules.pop("board_config", None)
            sys.path.insert(1, _PACK)
    import startup

    startup.run(_PAUSE, _adjust)


def _adjust(config, settings):
    names = getattr(config, "modules", ())
    config.modules = [name for name in _MODULES if name in names or name in ("mqtt", "mqrepl")]
    options = settings(config, "mqtt")
    params = options.get("ssl_params")
    if params is None or params is False:
        return
    params = dict(params) if isinstance(params, dict) else {}
    for key, default in (("ca", "/ca.pem"), ("cert", None), ("key", None)):
        path = params.get(key)
        if path is None and "cadata" not in params:
            path = default
        if isinstance(path, str) and path[:1] == "/" and _exists(_PACK + path):
            params[key] = _PACK + path
    options["ssl_params"] = params


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True
