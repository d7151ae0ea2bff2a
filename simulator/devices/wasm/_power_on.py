"""Starts the chip in WebAssembly: mounts its flash as the root and runs boot.py and main.py."""

import os
import sys

import vfs


def run(names, blocks):
    sys.path.append("/chip")
    from _folder import Folder
    from root import Root

    root = Root(Folder("/flash", blocks), Folder("", 0), "/chip", "/state")
    vfs.umount("/")
    vfs.mount(root, "/")
    os.chdir("/")
    # Without .frozen: what PyScript has frozen is not on a board.
    sys.path[:] = ["", "/lib", "/.chip", "/.chip/wasm"]
    for name in list(sys.modules):
        if name not in ("__main__", "_host"):
            sys.modules.pop(name)
    import chip_gc

    sys.modules["gc"] = chip_gc
    from programs import run_all

    run_all(names)
