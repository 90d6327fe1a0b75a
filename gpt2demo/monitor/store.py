"""What a monitor must not forget, in SQLite: headlines with their labels, each once, and which alarms somebody has seen."""

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.windows import Scored

SCHEMA = """
CREATE TABLE IF NOT EXISTS headline (
    stream TEXT, moment TEXT, text TEXT, negative REAL, neutral REAL, positive REAL, guess TEXT,
    PRIMARY KEY (stream, moment, text)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (stream TEXT, topic TEXT, start TEXT, PRIMARY KEY (stream, topic, start)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stream (stream TEXT PRIMARY KEY, used TEXT);
"""
KEPT_FOR = dt.timedelta(days=30)  # since somebody last looked


class Store:
    """Streams of scored headlines by name. A batch is written whole or not at all, and again does no harm."""

    def __init__(self, path: Path | str):
        """Open or make the file; `":memory:"` keeps nothing beyond this process."""
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(SCHEMA)

    def missing(self, stream: str, headlines: Iterable[Headline]) -> list[Headline]:
        """Those headlines that the stream does not hold yet, each once."""
        held = {(s.headline.moment, s.headline.text) for s in self.scored(stream)}
        return [h for h in dict.fromkeys(headlines) if (h.moment, h.text) not in held]

    def add(self, stream: str, scored: Sequence[Scored]) -> None:
        """Keep a batch; what is there already stays as it is."""
        rows = [(stream, s.headline.moment.isoformat(), s.headline.text, *s.probabilities, s.guess) for s in scored]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO headline VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")

    def scored(self, stream: str) -> list[Scored]:
        """All that a stream holds, in the order of time."""
        with self._lock:
            rows = self._db.execute(
                "SELECT moment, text, negative, neutral, positive, guess FROM headline WHERE stream = ? ORDER BY moment, text",
                (stream,),
            ).fetchall()
        return [
            Scored(Headline(dt.datetime.fromisoformat(moment), text), tuple(probabilities), guess)
            for moment, text, *probabilities, guess in rows
        ]

    def acknowledge(self, stream: str, topic: str, start: dt.datetime) -> None:
        """Remember that somebody has seen an alarm."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (stream, topic, start.isoformat()))

    def acknowledged(self, stream: str) -> set[tuple[str, dt.datetime]]:
        """The (topic, start) of the alarms that somebody has seen."""
        with self._lock:
            rows = self._db.execute("SELECT topic, start FROM seen WHERE stream = ?", (stream,)).fetchall()
        return {(topic, dt.datetime.fromisoformat(start)) for topic, start in rows}

    def touch(self, stream: str, now: dt.datetime) -> None:
        """Note that a stream is in use, and forget those that nobody has looked at for a month."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO stream VALUES (?, ?)", (stream, now.isoformat()))
            old = "SELECT stream FROM stream WHERE used < ?"
            since = ((now - KEPT_FOR).isoformat(),)
            for table in ("headline", "seen", "stream"):
                self._db.execute(f"DELETE FROM {table} WHERE stream IN ({old})", since)

    def clear(self, stream: str) -> None:
        """Forget a stream."""
        with self._lock:
            for table in ("headline", "seen", "stream"):
                self._db.execute(f"DELETE FROM {table} WHERE stream = ?", (stream,))
