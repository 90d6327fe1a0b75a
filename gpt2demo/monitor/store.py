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
    stream TEXT, moment TEXT, text TEXT, negative REAL, neutral REAL, positive REAL,
    PRIMARY KEY (stream, moment, text)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS topic (
    stream TEXT, guesser TEXT, text TEXT, guess TEXT, PRIMARY KEY (stream, guesser, text)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (stream TEXT, topic TEXT, start TEXT, PRIMARY KEY (stream, topic, start)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stream (stream TEXT PRIMARY KEY, used TEXT);
"""
TABLES = ("headline", "topic", "seen", "stream")
KEPT_FOR = dt.timedelta(days=30)  # since somebody last looked


class Store:
    """Streams of scored headlines by name. A batch is written whole or not at all, and again does no harm.

    A stream's name is whose it is, a space, and which model reads it: `desk 3f2a`.
    """

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
        with self._lock:
            held = set(self._db.execute("SELECT moment, text FROM headline WHERE stream = ?", (stream,)))
        return [h for h in dict.fromkeys(headlines) if (h.moment.isoformat(), h.text) not in held]

    def known(self, owner: str) -> list[Headline]:
        """The headlines of all streams of somebody, whichever model read them."""
        with self._lock:
            rows = self._db.execute(
                "SELECT DISTINCT moment, text FROM headline WHERE stream >= ? AND stream < ? ORDER BY moment, text",
                between(owner),
            ).fetchall()
        return [Headline(dt.datetime.fromisoformat(moment), text) for moment, text in rows]

    def add(self, stream: str, scored: Sequence[Scored]) -> None:
        """Keep a batch; what is there already stays as it is."""
        rows = [(stream, s.headline.moment.isoformat(), s.headline.text, *s.probabilities) for s in scored]
        self._write(
            "INSERT OR IGNORE INTO headline (stream, moment, text, negative, neutral, positive) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )

    def unguessed(self, stream: str, guesser: str) -> list[str]:
        """The texts for which this guesser has not been asked, each once."""
        with self._lock:
            rows = self._db.execute(
                "SELECT DISTINCT text FROM headline WHERE stream = ?1"
                " EXCEPT SELECT text FROM topic WHERE stream = ?1 AND guesser = ?2",
                (stream, guesser),
            ).fetchall()
        return [text for (text,) in rows]

    def add_guesses(self, stream: str, guesser: str, guesses: Iterable[tuple[str, str]]) -> None:
        """Keep (text, topic or "") pairs."""
        rows = [(stream, guesser, text, guess) for text, guess in guesses]
        self._write("INSERT OR REPLACE INTO topic VALUES (?, ?, ?, ?)", rows)

    def _write(self, statement: str, rows: Sequence[tuple]) -> None:
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany(statement, rows)
            self._db.execute("COMMIT")

    def scored(self, stream: str, guesser: str = "") -> list[Scored]:
        """All that a stream holds, in the order of time, with the topics that this guesser gave."""
        with self._lock:
            rows = self._db.execute(
                "SELECT moment, headline.text, negative, neutral, positive, COALESCE(guess, '') FROM headline"
                " LEFT JOIN topic ON topic.stream = headline.stream AND guesser = ? AND topic.text = headline.text"
                " WHERE headline.stream = ? ORDER BY moment, headline.text",
                (guesser, stream),
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
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table} WHERE stream IN ({old})", since)

    def clear(self, owner: str) -> None:
        """Forget all streams of somebody."""
        with self._lock:
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table} WHERE stream >= ? AND stream < ?", between(owner))


def between(owner: str) -> tuple[str, str]:
    """The names between which an owner's streams lie: the space that follows the owner, and the character after it."""
    return f"{owner} ", f"{owner}!"
