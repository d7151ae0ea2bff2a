"""Writes a new flash image: `_format.py IMAGE BLOCKS FOLDER` puts all files of FOLDER on it."""

import os
import sys

import vfs
from _flash import BLOCK, Flash


def copy(source, target):
    for name, kind, *_ in os.ilistdir(source):
        if kind == 0x4000:
            os.mkdir(target + "/" + name)
            copy(source + "/" + name, target + "/" + name)
        else:
            with open(source + "/" + name, "rb") as read:
                with open(target + "/" + name, "wb") as write:
                    while True:
                        data = read.read(BLOCK)
                        if not data:
                            break
                        write.write(data)


class Gauge:
    writes = 0


class Supply:
    gauge = Gauge

    @staticmethod
    def change(data):
        return None


image, blocks, folder = sys.argv[1:]
with open(image, "wb") as file:
    file.seek(int(blocks) * BLOCK - 1)
    file.write(b"\xff")
flash = Flash(image, Supply)
vfs.VfsLfs2.mkfs(flash)
vfs.mount(vfs.VfsLfs2(flash), "/flash")
copy(folder, "/flash")
vfs.umount("/flash")
