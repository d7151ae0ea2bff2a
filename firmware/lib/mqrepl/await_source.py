"""Lets `await` stand at the top level, which MicroPython's compile() of most boards refuses.

The source becomes the body of a coroutine function. Names that it assigns have to persist, so each
identifier in it is declared global: too many, which does no harm.
"""

_KEYWORDS = (
    b" and as assert async await break class continue def del elif else except finally for from "
    b"global if import in is lambda nonlocal not or pass raise return try while with yield "
    b"None True False "
)


def _end_of_string(source, i):
    """Index behind the string literal whose first quote is at i."""
    quote = source[i : i + 1]
    if source[i : i + 3] == quote * 3:
        quote *= 3
    size = len(quote)
    i += size
    while i < len(source) and source[i : i + size] != quote:
        if size == 1 and source[i] == 0x0A:
            return i  # never closed: the compiler will say so
        i += 2 if source[i] == 0x5C else 1
    return min(i + size, len(source))


def _in_name(c):
    return 97 <= c <= 122 or 65 <= c <= 90 or 48 <= c <= 57 or c == 95 or c > 127


def wrap(source):
    """(the source with each line indented that begins outside of a string, names with commas).

    `source` is bytes: there an index costs nothing, whereas it walks through a str. The lines keep
    their numbers. No names where nothing outside of strings and comments awaits.
    """
    names = []
    # A tab: whatever mixture of tabs and blanks follows, all columns move by the same amount.
    out = [b"\t"]
    awaits = False
    i = start = 0
    n = len(source)
    while i < n:
        c = source[i]
        if c == 0x22 or c == 0x27:  # quotes
            first = i
            i = _end_of_string(source, i)
            if b"f" in source[max(0, first - 2) : first].lower():
                awaits = awaits or b"await" in source[first:i]
        elif c == 0x23:  # a comment
            i = source.find(b"\n", i)
            if i < 0:
                i = n
        elif _in_name(c):
            first = i
            while i < n and _in_name(source[i]):
                i += 1
            name = source[first:i]
            if name == b"await" or name == b"async":
                awaits = True
            elif not 48 <= c <= 57 and name not in names and b" " + name + b" " not in _KEYWORDS:
                names.append(name)
        else:
            i += 1
            if c == 0x0A:
                out.append(source[start:i])
                out.append(b"\t")
                start = i
    out.append(source[start:])
    if not awaits:
        return None, None
    names.append(b"__mqb__")
    return b"".join(out), b",".join(names)
