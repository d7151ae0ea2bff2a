"""The lines that the board still remembers. Loaded for the occasion."""


def recent(ring, size, level):
    """The last lines of this level or a higher one, as they are published, oldest first: at most
    `size` bytes of them."""
    places = []
    lines = []
    at, n = 0, ring.first
    ring.busy = True
    try:
        while at < ring.end:
            n += ring.count(at)
            if ring.buf[at + 2] >= level:
                places.append((at, n))
            at = ring.after(at)
        while places:
            line = ring.line(*places.pop())
            size -= len(line)
            if size < 0:
                break
            lines.append(line)
    finally:
        ring.busy = False
    lines.reverse()
    return lines
