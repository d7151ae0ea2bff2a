"""The power supply, whose failures cannot be counted here: VirtualBoard.powerCut is one."""


def change(data=b""):
    return None


def step(do, *args):
    return do(*args)
