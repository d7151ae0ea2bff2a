"""The step `confirm`: what is on trial is good, or what is there without one."""

import watchdog
from mqrepl.reply import Failure

from . import safe_copy, slots


async def run(step, reply, command):
    state = slots.boot().load()
    trial = state.get("trial")
    ident = command.get("id")
    if watchdog.mode == "safe":
        raise Failure("trial", "in safe mode nothing is proven: reset it to normal mode first")
    if trial:
        if ident not in (None, trial["id"]) or watchdog.mode != "trial" or trial["step"] != "try":
            slots.refuse_trial(state)
        await watchdog.occasional("trial").confirm()
    else:
        last = state.get("last", {})
        if ident is not None and (last.get("id") != ident or last.get("state") != "confirmed"):
            raise Failure("trial", "it is not on trial any more, and was not confirmed")
        failed = None if ident else await safe_copy.make(True)
        if failed:
            raise Failure(*failed)
    reply.result({})
