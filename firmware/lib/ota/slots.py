"""The two partitions that take turns, and which images they take."""

from mqrepl.reply import Failure

_NONE = "this board takes no firmware images: "
_CHIPS = {
    0: "ESP32",
    2: "ESP32-S2",
    5: "ESP32-C3",
    9: "ESP32-S3",
    12: "ESP32-C2",
    13: "ESP32-C6",
    16: "ESP32-H2",
    18: "ESP32-P4",
}
HEAD = 288  # bytes in front of an app's code: its header, a segment's, and its description


def slots():
    """(the partition that runs, the one that an image goes to); Failure where there is none."""
    try:
        from esp32 import Partition
    except ImportError:
        raise Failure("slots", _NONE + "only an ESP32 has partitions for them; update its files")
    running = Partition(Partition.RUNNING)
    try:
        free = running.get_next_update()
    except OSError:
        free = None
    if not free or label(free) == label(running):
        words = "its flash has one app partition only; load an OTA build by USB once"
        raise Failure("slots", _NONE + words)
    return running, free


def label(partition):
    return partition.info()[4]


def room(partition):
    """Bytes of an image that it takes."""
    return partition.info()[3]


def chip(partition):
    """The id of the chip that what lies there is for; None where it is no image."""
    head = bytearray(16)
    partition.readblocks(0, head, 0)
    return head[12] | head[13] << 8 if head[0] == 0xE9 else None


def facts():
    """What the birth message says of images; None where the board takes none."""
    try:
        running, free = slots()
    except Failure:
        return None
    found = {"slot": label(running), "size": room(free)}
    kind = chip(running)
    if kind is not None:
        found["chip"] = kind
    return found


def check(head, size, running, free):
    """Failure where an image of `size` bytes that begins with `head` cannot run from `free`."""
    if size > room(free):
        words = "the image has %d bytes and the partition for it %d"
        raise Failure("full", words % (size, room(free)))
    if size < HEAD or len(head) < HEAD:
        raise Failure("bad", "this is no firmware image, or one that is cut short")
    # A file for a whole flash begins with nothing, or with a boot loader, which is not described.
    if head[0] == 0xFF or head[0] == 0xE9 and bytes(head[32:36]) != b"\x32\x54\xcd\xab":
        words = "this is a boot loader or an image of a whole flash; take the one of the app alone"
        raise Failure("bad", words + " (.app-bin, or micropython.bin of your own build)")
    if head[0] != 0xE9:
        raise Failure("bad", "this is no firmware image of an ESP32")
    kind = head[12] | head[13] << 8
    ours = chip(running)
    if ours is not None and kind != ours:
        names = [_CHIPS.get(n, "chip %d" % n) for n in (kind, ours)]
        raise Failure("needs", "the image is for another chip: %s, and this is %s" % tuple(names))
