"""Makes a chip of the unix port: mounts its flash as the root and puts the models in place."""

import gc
import os
import sys

import micropython
import vfs


def prepare(devices, state, image, counts):
    micropython.kbd_intr(-1)  # Ctrl-C in the terminal is the power, not a KeyboardInterrupt
    sys.path.append(devices)
    from _flash import Flash
    from _gauge import gauge
    from _rtc import mount_memory
    import chip_supply
    from root import Root

    mount_memory(state + "/rtc")
    chip_supply.gauge = gauge(counts)
    flash = vfs.VfsLfs2(Flash(image, chip_supply))
    vfs.mount(Root(flash, vfs.VfsPosix(), devices, state), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib", "/.chip", "/.chip/unix"]
    # All at once and first, so that they always take the same room: MODELS_BYTES of the runtime.
    import machine  # noqa: F401
    import network  # noqa: F401
    import socket  # noqa: F401
    import ssl  # noqa: F401

    for name in ("_power_on", "_flash", "_gauge", "_mapped", "root"):
        sys.modules.pop(name, None)
    gc.collect()
