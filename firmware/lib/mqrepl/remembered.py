"""The command `log`: the lines that the board still remembers. Loaded for the occasion."""

from log_lines import recent, ring

from .reply import Failure


def command(reply, head, body):
    if "do" not in head:
        raise Failure("bad", "this board has this command in version 2 of the wire only")
    level = head.get("level", 0)
    if not isinstance(level, int):
        raise Failure("bad", "expected a number as the level")
    for line in recent(2 * len(ring.buf), level):
        reply.write(line)
        reply.write(b"\n")
    reply.result({"said": ring.said, "acked": ring.acked, "lost": ring.lost})
