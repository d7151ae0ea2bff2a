"""Checks board_config.py at the start; what is wrong is told by the name of the key."""

# (module, key, types, what it is, required)
_KEYS = (
    ("mqtt", "server", str, "the broker's host name or address, as text", True),
    ("mqtt", "port", int, "a number", False),
    ("mqtt", "ssl_params", dict, "a dict such as {'ca': '/ca.pem'}", False),
    ("mqtt", "user", (str, bytes), "text", False),
    ("mqtt", "password", (str, bytes), "text", False),
    ("mqtt", "ssid", (str, bytes), "the name of the Wi-Fi network, as text", False),
    ("mqtt", "wifi_pw", (str, bytes), "text", False),
    ("mqtt", "keepalive", int, "seconds, a whole number", False),
    ("mqtt", "response_time", (int, float), "seconds", False),
    ("mqrepl", "prefix", str, "the board's prefix and '/mqb/', as text", True),
    ("logging", "topic", str, "the topic of the log, as text", True),
    ("logging", "boot_sz", int, "bytes, a whole number", False),
    ("logging", "boot_level", int, "a level such as logging.DEBUG", False),
    ("logging", "loop_sz", int, "bytes, a whole number", False),
    ("logging", "loop_level", int, "a level such as logging.INFO", False),
    ("logging", "mqtt", dict, "levels by name such as {'*': 'info'}", False),
    ("logging", "console", dict, "levels by name such as {'*': 'info'}", False),
    ("sysinfo", "topic", str, "the topic of the messages, as text", False),
    ("sysinfo", "interval", (int, float), "seconds", False),
    ("wake", "every", (int, float), "seconds", False),
    ("wake", "awake", (int, float), "seconds", False),
    ("sntp", "host", str, "the server's host name or address, as text", False),
    ("sntp", "interval", int, "seconds, a whole number", False),
    ("sntp", "offset", int, "minutes, a whole number", False),
    ("sntp", "tz", str, "a rule such as 'CET-1CEST,M3.5.0,M10.5.0/3'", False),
)


def report(config, settings, log):
    """Logs each mistake. Returns the names of the modules that cannot work with it."""
    broken = []
    modules = getattr(config, "modules", None)
    if not isinstance(modules, (list, tuple)) or not all(isinstance(m, str) for m in modules):
        log.error("modules: expected a list of names such as ['mqtt', 'logging'], not %r", modules)
        # Rather a board that can be reached than one that does nothing.
        config.modules = modules = ["mqtt", "logging", "mqrepl"]
        log.warning("modules: going on with %r", modules)
    config.modules = modules = _in_order(modules, log)
    for name in modules:
        for key in (name + "_config", name):
            if isinstance(getattr(config, key, None), dict):
                break
        else:
            if hasattr(config, name):
                log.error("%s: expected a dict, not %r", name, getattr(config, name))
    for name, key, types, expected, required in _KEYS:
        if name not in modules:
            continue
        found = settings(config, name).get(key)
        if found is None:
            if required:
                log.error("%s.%s is missing: expected %s", name, key, expected)
                broken.append(name)
        elif not isinstance(found, types) or isinstance(found, bool):
            # The value may be a secret: its type is enough.
            log.error("%s.%s: expected %s, not %s", name, key, expected, type(found).__name__)
            if required or key == "ssl_params":  # without it a password would go out in clear
                broken.append(name)
            else:
                del settings(config, name)[key]
                log.warning("%s.%s: going on without it", name, key)
    prefix = settings(config, "mqrepl").get("prefix")
    if isinstance(prefix, str) and ("+" in prefix or "#" in prefix or prefix.startswith("/")):
        log.error("mqrepl.prefix: expected no '+', no '#' and no '/' in front, not %r", prefix)
        broken.append("mqrepl")
    return broken


def _in_order(modules, log):
    """Each name once, and mqrepl behind mqtt, whose client it needs."""
    names = []
    for name in modules:
        if name in names:
            log.error("modules: %s is named twice", name)
        else:
            names.append(name)
    if "mqrepl" in names and "mqtt" not in names[: names.index("mqrepl")]:
        log.error("modules: mqrepl needs mqtt in front of it")
        names.remove("mqrepl")
        names = [name for name in names if name != "mqtt"]
        names[:0] = ["mqtt", "mqrepl"]
    return names
