"""Carries out commands that come over MQTT, in both versions of the wire: see docs/protocol.md.

Config: `prefix`, the board's prefix followed by "/mqb/".

`commands` maps a command's name to a function(reply, head, body): `head` is the dict of version 2
(empty in version 1), `body` a buffer. It writes to `reply`, and returns None when it is done, or a
coroutine that goes on beside the link.
"""

import gc
import logging
import os
import sys

import watchdog
from boot_id import number

from . import evaluate, memory, v2

log = logging.getLogger("mqrepl")


def _files(reply, head, body):
    from .files import command

    return command(reply, head, body)


def _occasional(name):
    """A module of this package that is needed now and then, and does not stay in memory."""
    try:
        return __import__("mqrepl." + name, None, None, ("*",))
    finally:  # also of one that there was no memory for: before 1.24 its beginning stays
        sys.modules.pop("mqrepl." + name, None)
        globals().pop(name, None)


def _set(reply, head, body):
    return _occasional("settings").command(reply, head, body)


def _log(reply, head, body):
    return _occasional("remembered").command(reply, head, body)


def _reset(reply, head, body):
    try:  # whatever fills the memory: a reset may be what helps
        return memory.load("restart").command(reply, head)
    finally:
        sys.modules.pop("restart", None)


def _release(reply, head, body):
    return memory.load("releases").command(reply, head, body)


def _ota(reply, head, body):
    import ota

    try:
        return ota.command(reply, head, body)
    finally:
        ota.unload()


commands = {"eval": evaluate.command, "set": _set, "log": _log, "ota": _ota, "release": _release}
commands["reset"] = _reset
for name in ("put", "get", "list", "stat", "hash", "mkdir", "remove", "rename"):
    commands[name] = _files


class Repl:
    def __init__(self, mqtt, prefix):
        self._mqtt = mqtt
        self._prefix = prefix.encode()
        self._v1 = None
        self._topic1 = self._prefix + b"cmd/"
        self._topic2 = self._prefix + b"2/cmd/"
        self._nobody = self._prefix + b"2/reply/-"
        self._settings = self._prefix + b"set/"
        self._applied = {}  # what the topics of settings have said last
        self.boot = number
        self._v2 = v2.Server(mqtt, self._prefix + b"2/reply/", self.boot, commands)

    def receive(self, topic, msg, retained, qos, dup):
        """`msg` is a view of the receive buffer: what is kept of it is copied."""
        if topic.startswith(self._settings):
            self._apply(topic[len(self._settings) :].decode(), bytes(msg), retained)
        elif retained:  # it would come again at each connection
            if b"cmd/" in topic and topic.startswith(self._prefix):
                log.warning("ignored a retained command: %s", topic)
        elif topic.startswith(self._topic2):
            self._mqtt.client.be_prompt(self._nobody)
            try:
                self._v2.receive(topic[len(self._topic2) :], msg)
            except MemoryError:
                memory.give_way()  # the host will repeat it
        elif topic.startswith(self._topic1):
            if topic == watchdog.topic:
                watchdog.returned()
                return
            if not self._v1:
                from . import v1

                self._v1 = v1.Server(self._mqtt, self._prefix + b"reply/", commands)
            self._v1.receive(topic[len(self._topic1) :], msg, dup)
        elif topic in self._v2.shared:
            self._v2.receive_shared(topic, msg)

    def _apply(self, what, payload, retained):
        # A reconnect brings the retained one again, and a command may have set another since.
        if retained and self._applied.get(what) == payload:
            return
        # Of topics that are no setting nothing is kept, however many there are.
        if _occasional("settings").heard(what, payload, retained):
            self._applied[what] = payload

    async def subscribe(self):
        client = self._mqtt.client
        await client.subscribe(self._topic2 + b"+", 0)
        await client.subscribe(self._topic1 + b"#", 1)
        await client.subscribe(self._settings + b"+", 1)


def _age_leftovers():
    """Of transfers that the end of the last boot interrupted; hardly ever there are any."""
    try:
        for entry in os.ilistdir("/"):
            if entry[0].startswith(".mqb-"):
                from .files.leftovers import age

                age()
                return
    except Exception as e:  # no reason to be unreachable
        log.exc(e, "leftovers of transfers stay")


def start(mqtt, config):
    import presence

    _age_leftovers()
    prefix = config["prefix"].rstrip("/") + "/"
    repl = Repl(mqtt, prefix)
    evaluate.reset(mqtt)
    mqtt.on_msg(repl.receive, view=True)
    present = presence.start(mqtt, prefix, repl.boot, commands)

    async def ready():
        await repl.subscribe()
        await present.announce()
        log.info("ready for commands below %s", prefix)
        gc.collect()

    mqtt.on_init(ready())
