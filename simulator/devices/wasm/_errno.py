"""Files of the WebAssembly build fail with WASI's error numbers; boards have those of Linux."""

_NUMBERS = {2: 13, 8: 9, 20: 17, 28: 22, 29: 5, 31: 21, 44: 2, 51: 28, 54: 20, 55: 39}


class Translated:
    """A file system whose OSErrors have the numbers of the module errno."""

    def __init__(self, fs):
        self._fs = fs

    def __getattr__(self, name):
        function = getattr(self._fs, name)

        def translated(*args):
            try:
                return function(*args)
            except OSError as error:
                raise OSError(_NUMBERS.get(error.errno, error.errno))

        return translated
