"""asyncio as boards have it, on the interpreter's own task queue (`_asyncio`).

The WebAssembly build's asyncio is driven by JavaScript's event loop. A virtual board has a thread
of its own and blocks it instead, like a chip; hence run(), open_connection() and streams.
"""

from asyncio.core import (  # noqa: F401
    CancelledError,
    IOQueue,
    Loop,
    Task,
    TaskQueue,
    TimeoutError,
    create_task,
    current_task,
    get_event_loop,
    new_event_loop,
    run,
    run_until_complete,
    sleep,
    sleep_ms,
    ticks,
)
from asyncio.stream import Stream, StreamReader, StreamWriter, open_connection  # noqa: F401
from asyncio.sync import Event, Lock, ThreadSafeFlag  # noqa: F401
from asyncio.together import gather, wait_for, wait_for_ms  # noqa: F401
