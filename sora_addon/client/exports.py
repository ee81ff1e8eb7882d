"""Exports that run in a background Blender, watched from a thread: their end takes moments that no timer has. No bpy here."""

from __future__ import annotations

import queue
import threading
from typing import Protocol

from ..export.progress import Message

LOOK = 0.1
"""Seconds between two looks at an export."""


class Export(Protocol):
    """``BackgroundExport``, as far as it is needed here."""

    result: Message | None

    def poll(self) -> list[Message]: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class Exports:
    """Running exports by a key of the caller's."""

    def __init__(self) -> None:
        self._running: dict[str, Export] = {}
        self._said: queue.SimpleQueue[tuple[str, Message]] = queue.SimpleQueue()

    def watch(self, key: str, export: Export) -> None:
        """Listen to ``export``, which was just started."""
        self._running[key] = export
        threading.Thread(target=self._listen, args=(key, export), name="sora export", daemon=True).start()

    def cancel(self, key: str) -> bool:
        """Ask an export to stop; whether there is one."""
        export = self._running.get(key)
        if export is None:
            return False
        export.cancel()
        return True

    def heard(self) -> tuple[str, Message] | None:
        """The oldest message that was not taken yet, with its export's key; the last one ends the export."""
        try:
            key, message = self._said.get_nowait()
        except queue.Empty:
            return None
        if message.last:
            self._running.pop(key, None)
        return key, message

    def running(self) -> list[str]:
        """Keys of the exports that have no end yet."""
        return list(self._running)

    def close(self) -> None:
        """End all at once; for Blender's own end."""
        for export in self._running.values():
            export.close()
        self._running.clear()

    def _listen(self, key: str, export: Export) -> None:
        pause = threading.Event()
        while export.result is None:
            for message in export.poll():
                self._said.put((key, message))
            pause.wait(LOOK)
