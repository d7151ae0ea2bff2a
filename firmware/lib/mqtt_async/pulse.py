import asyncio


class Pulse(asyncio.Event):
    """Wakes all who wait for something to change; each looks then whether it was theirs."""

    async def next(self):
        self.clear()
        await self.wait()
