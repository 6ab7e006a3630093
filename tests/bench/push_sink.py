"""The push service that the benchmark sends to, a process of its own: notes when each push arrived.

Says where it is, then answers each line on its input with the times of what arrived since, in Unix seconds.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.server.sink import Answer, Push, Sink


class Clock(Sink):
    """Keeps times in place of pushes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.times: list[float] = []

    def take(self, push: Push, answer: Callable[[Answer], None]) -> None:
        self.times.append(time.time())
        answer(Answer())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Clock(Path(folder)).running() as sink:
        assert isinstance(sink, Clock)
        ports = {"http": sink.port("http"), "https": sink.port("https")}
        print(json.dumps({"certificate": str(sink.certificate), **ports}), flush=True)
        for _line in sys.stdin:
            times, sink.times = sink.times, []
            print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
