"""repr() of a long str or bytes in slices: it neither exists as a whole nor comes char by char."""

from micropython import const

_SLICE = const(256)


def write(stream, value):
    empty = value[:0]
    single, double = ("'", '"') if isinstance(value, str) else (b"'", b'"')
    # repr uses double quotes only for what holds single ones alone. A slice follows the whole
    # when it starts with the quotes that the whole holds; they are cut off again.
    start = single if single in value and double not in value else single + double
    skip = len(repr(start + empty)) - 1
    head = repr(start + empty)
    quote = head[-1]
    stream.write(head[: head.index(quote) + 1].encode())
    for i in range(0, len(value), _SLICE):
        stream.write(repr(start + value[i : i + _SLICE])[skip:-1].encode())
    stream.write(quote.encode())
