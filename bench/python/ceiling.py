# The most that can be had: takes SIZE bytes of publishes from bench/flow and says so on
# bench/done, then waits for the next. `packets` reads one packet after the other and throws it
# away; `buffer` reads as much as there is into 32 kB, acknowledges in batches, writes to a file;
# `verified` reads that file back as well, and hashes it.
import asyncio
import sys
from hashlib import sha256

from bare import connect, packet, read, send, string, subscribe

DONE = packet(0x30, string("bench/done"))


async def packets(stream, size):
    taken = 0
    while True:
        first, body = await read(stream)
        if first >> 4 != 3:
            continue
        at = 2 + (body[0] << 8 | body[1])
        if first & 6:
            await send(stream, b"\x40\x02" + body[at : at + 2])
            at += 2
        taken += len(body) - at
        if taken >= size:
            taken = 0
            await send(stream, DONE)


def read_back(file, room):
    digest = sha256()
    file.seek(0)
    while True:
        n = file.readinto(room)
        if not n:
            return digest.digest()
        digest.update(memoryview(room)[:n])


async def buffer(stream, size, file, verified):
    room = bytearray(32768)
    view = memoryview(room)
    acks = bytearray(4096)
    taken = end = 0
    while True:
        end += await stream.readinto(view[end:])
        i = n = 0
        while end - i > 8:
            digits = i + 1
            length = shift = 0
            while True:
                digit = room[digits]
                length |= (digit & 127) << shift
                shift += 7
                digits += 1
                if digit < 128:
                    break
            stop = digits + length
            if stop > end:
                break
            if room[i] >> 4 == 3:
                at = digits + 2 + (room[digits] << 8 | room[digits + 1])
                if room[i] & 6:
                    acks[n : n + 4] = b"\x40\x02" + view[at : at + 2]
                    n += 4
                    at += 2
                file.write(view[at:stop])
                taken += stop - at
            i = stop
        if i:
            room[: end - i] = view[i:end]
            end -= i
        if n:
            await send(stream, acks[:n])
        if taken >= size:
            taken = 0
            if verified:
                read_back(file, acks)
            file.seek(0)
            await send(stream, DONE)


async def main(port, qos, size, how, path):
    stream = await connect(port, "bench-ceiling-" + how + str(qos))
    stream.s.setsockopt(6, 1, 1)  # TCP_NODELAY: else the last word waits for 40 ms
    await subscribe(stream, "bench/flow", qos)
    print("ready")
    if how == "packets":
        await packets(stream, size)
    else:
        with open(path, "w+b") as file:
            await buffer(stream, size, file, how == "verified")


asyncio.run(main(*(int(n) for n in sys.argv[1:4]), *sys.argv[4:6]))
