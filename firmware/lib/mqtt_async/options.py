"""Checks the options of MQTTClient."""


def check(c, known, log):
    """Raises ValueError with the name of the key and what was expected."""
    for key in c:
        if key not in known:
            log.warning("option '%s' is not known and has no effect", key)
    text = (str, bytes)
    _need(c, "server", isinstance(c["server"], str) and c["server"], "a host name or address")
    _range(c, "port", 0, 65535)
    _range(c, "keepalive", 4, 65535)
    _range(c, "inflight", 1, 64)
    _range(c, "max_payload", 1, 1 << 24)
    _range(c, "tx_buffer", 256, 1 << 24)
    _range(c, "rx_buffer", 0, 1 << 24)
    for key in ("response_time", "pause_min", "pause_max"):
        _need(c, key, isinstance(c[key], (int, float)) and c[key] > 0, "seconds above 0")
    for key in ("user", "password", "client_id", "ssid", "wifi_pw", "hostname", "ntp_host"):
        _need(c, key, c[key] is None or isinstance(c[key], text), "text")
    tls = c["ssl_params"]
    _need(c, "ssl_params", tls is None or isinstance(tls, (dict, bool)), "a dict or None")
    for key in ("subs_cb", "skip_cb", "connect_coro", "wifi_coro"):
        _need(c, key, c[key] is None or callable(c[key]), "a function")
    will = c["will"]
    if will is not None:
        ok = isinstance(will, (tuple, list)) and len(will) == 4 and will[3] in (0, 1)
        ok = ok and isinstance(will[0], text) and isinstance(will[1], text)
        _need(c, "will", ok, "(topic, message, retain, qos)")


def _need(c, key, ok, what):
    if not ok:
        raise ValueError("option '%s' must be %s, not %r" % (key, what, c[key]))


def _range(c, key, low, high):
    ok = isinstance(c[key], int) and low <= c[key] <= high
    _need(c, key, ok, "a whole number from %d to %d" % (low, high))
