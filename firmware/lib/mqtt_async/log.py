"""Stands in for logging where mqtt_async is used on its own."""

import sys


class _Log:
    def info(self, text, *args):
        print("mqtt:", text % args if args else text)

    warning = error = info

    def debug(self, text, *args):
        pass

    def exc(self, e, text, *args):
        self.info(text, *args)
        sys.print_exception(e)


log = _Log()
