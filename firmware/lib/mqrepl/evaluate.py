"""The command `eval`: an expression, else statements, in a namespace that outlives them."""

import asyncio
import logging

from . import memory, tasks

log = logging.getLogger("eval")
_now = None  # the reply of code that runs in this very step, without awaiting


def _print(*args, **kwargs):
    """The `print` of the namespace: it goes where the command came from.

    The namespace is shared, so one `print` serves all commands: it asks whose code is running.
    In a task that the code started and left behind it prints on the console.
    """
    if "file" not in kwargs:
        target = _now or tasks.current()
        if target:
            kwargs["file"] = target
    print(*args, **kwargs)


namespace = {}


def reset(mqtt=None):
    """Gives the namespace the names it starts with, and nothing else."""
    mqtt = mqtt or namespace.get("mqtt")
    namespace.clear()
    namespace["__name__"] = "__mqrepl__"
    namespace["asyncio"] = asyncio
    namespace["logging"] = logging
    namespace["log"] = log
    namespace["mqtt"] = mqtt
    for name in ("gc", "sys", "machine", "os", "time", "board", "uos", "uhashlib", "ubinascii"):
        try:
            namespace[name] = __import__(name)
        except ImportError:
            pass  # not every port has each of them


def _forget():
    reset()
    log.warning("memory was full: the variables of all commands are forgotten")


memory.forget = _forget


def command(reply, head, body):
    try:
        source = str(body, "utf-8")
    except UnicodeError:
        raise ValueError("the source is not UTF-8")
    variables = head.get("vars")
    if variables and head.get("tagged"):
        from .tagged import decode

        variables = {name: decode(value) for name, value in variables.items()}
    code, expression = _compile(source)
    if code is None:
        return _awaiting(reply, variables, *_wrapped(source))
    return _at_once(reply, variables, code, expression)


def _set(variables):
    if variables:
        namespace.update(variables)
    namespace["print"] = _print  # whoever overwrote it did so for one command


def _at_once(reply, variables, code, expression):
    global _now
    _set(variables)
    _now = reply
    try:
        value = eval(code, namespace)
    finally:
        _now = None
    if expression:
        reply.value(value)


async def _awaiting(reply, variables, code, expression):
    _set(variables)
    exec(code, namespace)
    value = await namespace.pop("__mqb__")()
    if expression:
        reply.value(value)


def _compile(source):
    """(code, whether it is an expression); no code where `await` may stand at the top level."""
    try:
        return compile(source, "<eval>", "eval"), True
    except SyntaxError:
        pass
    try:
        return compile(source, "<eval>", "exec"), False
    except SyntaxError as e:
        if "await" in source or "async" in source:
            return None, False
        raise e


def _wrapped(source):
    from .await_source import wrap

    body, names = wrap(source.encode())
    if not names:
        compile(source, "<eval>", "exec")  # raises what is wrong with it
    try:
        whole = b"async def __mqb__(): global %s; return (%s\n)" % (names, source.encode())
        return compile(whole, "<eval>", "exec"), True
    except SyntaxError:
        return compile(
            b"async def __mqb__():\n\tglobal %s\n%s" % (names, body), "<await>", "exec"
        ), False
