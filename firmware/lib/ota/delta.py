"""Which blocks of an image are copied from the one that runs, and which come over the air."""

from .image import BLOCK, blocks_of


def ordered(copies, blocks, there):
    """The runs [to, from, count] by their targets; ValueError for runs that cannot be.

    `blocks` of the image, `there` of the partition that runs.
    """
    copies = sorted(copies)
    end = 0
    for to, start, count in copies:
        good = end <= to and count > 0 and to + count <= blocks
        if not good or start < 0 or start + count > there:
            raise ValueError("copies")
        end = to + count
    return copies


def sent(copies, blocks):
    """The numbers of all other blocks, in their order."""
    n = 0
    for to, _, count in copies:
        while n < to:
            yield n
            n += 1
        n = to + count
    while n < blocks:
        yield n
        n += 1


def patch_size(copies, size):
    """Bytes of all other blocks."""
    blocks = blocks_of(size)
    copied = sum([count for _, _, count in copies])
    last = copies and copies[-1][0] + copies[-1][2] == blocks
    missing = 0 if last else blocks * BLOCK - size
    return (blocks - copied) * BLOCK - missing
