"""Starts the chip on the unix port: mounts its flash as the root and runs boot.py and main.py."""

import gc
import os
import sys

import micropython
import vfs


def run(names, devices, state, image):
    micropython.kbd_intr(-1)  # Ctrl-C in the terminal is the power, not a KeyboardInterrupt
    sys.path.append(devices)
    from _flash import Flash
    from root import Root

    flash = vfs.VfsLfs2(Flash(image))
    vfs.mount(Root(flash, vfs.VfsPosix(), devices, state), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib", "/.chip", "/.chip/unix"]
    from programs import run_all

    names.pop("sys", None)
    names.pop("_power_on", None)
    for name in ("_power_on", "_flash", "root"):
        sys.modules.pop(name, None)
    gc.collect()
    run_all(names)
