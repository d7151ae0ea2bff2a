"""A stream that several boards take at once: see "Many receivers" of docs/protocol.md."""

import asyncio
import logging

log = logging.getLogger("mqrepl")


def checked(share):
    """The topic and the number of the stream, both bytes; (None, None) without one."""
    if not share:
        return None, None
    topic = share["topic"]
    if topic.count("/mqb/2/share/") != 1 or "+" in topic or "#" in topic:
        raise ValueError("topic of share cannot be")
    return topic.encode(), share["id"].to_bytes(4, "big")


async def join(pull):
    """Without the stream everything comes on the own topic: slower, and all of it."""
    server = pull.reply.server
    server.shared.setdefault(pull.topic, []).append(pull)
    try:
        await server.client().subscribe(pull.topic, 0)
    except OSError as e:
        log.warning("not shared: %s", e)


def leave(pull):
    server = pull.reply.server
    others = server.shared[pull.topic]
    others.remove(pull)
    if not others:
        del server.shared[pull.topic]
        asyncio.create_task(_unsubscribe(server, pull.topic))


async def _unsubscribe(server, topic):
    while topic not in server.shared and not server.client().unsubscribe(topic):
        await asyncio.sleep_ms(50)
