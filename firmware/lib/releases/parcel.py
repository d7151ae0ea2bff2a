"""Files on their way in, one behind the other as one content: what Pull has for a store."""

import os

from micropython import const
from mqrepl.files import hashing
from mqrepl.reply import Failure

from .slots import part

_BATCH = const(65536)  # bytes that a power cut may cost of a large file


class Parcel:
    """`size`: bytes that are there of the whole content.

    Each file is read back and compared when it is whole, and is called by its number from then on.
    """

    def __init__(self, folder, files):
        """`files()` yields (number, size, SHA-256); of the first a part may be there already."""
        self._folder = folder
        self._files = files()
        self._at = next(self._files, None)
        self._checked = files()  # up to where it is read back
        self._file = None
        self._whole = 0  # files that are not read back yet: many small ones come in one frame
        self._unsure = 0
        self.size = 0
        self._open(self._found())

    def write(self, view):
        while view:
            if not self._file:
                self.size += len(view)  # too much
                return
            some = view[: self._left]
            self._file.write(some)
            self.size += len(some)
            self._unsure += len(some)
            self._left -= len(some)
            if not self._left:
                self._end()
                self._open(0)
            view = view[len(some) :]

    def due(self):
        return self._whole or self._unsure >= _BATCH

    async def check(self):
        """Reads back what is whole; makes sure of the rest, for the case of a power cut."""
        if self._file and self._unsure:
            self._file.flush()
            self._unsure = 0
        while self._whole:
            number, size, sha = next(self._checked)
            self._whole -= 1
            path = self._path(number, sha)
            if await hashing.of_file(path, size) != sha:
                os.remove(path)
                raise Failure("corrupt", "file %d is not what the manifest says" % number)
            os.rename(path, self._folder + str(number))

    def close(self):
        if self._file:
            file, self._file = self._file, None
            try:
                file.close()
            except OSError:
                pass  # what is there of it is read back before it counts

    def _path(self, number, sha):
        return self._folder + part(number, sha)

    def _found(self):
        """Bytes of the first file that an earlier transfer has left."""
        if self._at:
            number, size, sha = self._at
            path = self._path(number, sha)
            try:
                found = os.stat(path)[6]
                if found <= size:
                    return found
                os.remove(path)
            except OSError:
                pass
        return 0

    def _open(self, found):
        """Opens the next file. Of those that have all their bytes, of empty ones too, the next."""
        while self._at:
            number, size, sha = self._at
            self._file = open(self._path(number, sha), "ab" if found else "wb")  # noqa: SIM115
            self._left = size - found
            self.size += found
            if self._left:
                return
            self._end()
            found = 0

    def _end(self):
        self.close()
        self._whole += 1
        self._at = next(self._files, None)
        self._unsure = 0
