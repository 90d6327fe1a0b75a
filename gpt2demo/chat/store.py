"""Conversations in SQLite: what was said, by whom, and who is to speak next; a restart loses nothing."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpt2demo.chat.dialogue import STATES, Turn, restored
from gpt2demo.errors import BadInput

SCHEMA = """
create table if not exists conversation (id text primary key, state text not null, changed real not null);
create table if not exists entry (
    number integer primary key autoincrement, conversation text not null references conversation on delete cascade,
    author text not null, data text not null, at real not null
);
create index if not exists entries on entry (conversation, number);
"""
KEPT_FOR = 30 * 86_400.0  # seconds; the shop's privacy passage says so
WAITING_FOR, SILENT_FOR, IDLE_FOR = 300.0, 600.0, 86_400.0  # seconds until a state gives way to the next
GAVE_UP = "Nobody was free in the last 5 minutes, so I am back. You can also write to help@mossandlantern.example."
LEFT = "Your contact has been away for 10 minutes. I look for somebody else; until then you are waiting again."


@dataclass(frozen=True)
class Entry:
    """One thing said: a customer's message alone, a message with the bot's reply (a turn), a person's answer, or a notice."""

    author: str  # customer, bot, agent or notice
    text: str
    at: float
    turn: Turn | None = None


class Store:
    """One file for all conversations; each call is one transaction."""

    def __init__(self, path: Path | str, clock: Callable[[], float] = time.time):
        """Open or make the file (`":memory:"` keeps nothing), and forget what is older than a month."""
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._clock, self._lock = clock, threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma foreign_keys=on")
        self._db.executescript(SCHEMA)
        self._db.execute("delete from conversation where changed < ?", (clock() - KEPT_FOR,))

    def begin(self) -> str:
        """A new conversation under an id that nobody can guess."""
        id = secrets.token_urlsafe(18)
        with self._lock:
            self._db.execute("insert into conversation values (?, 'bot', ?)", (id, self._clock()))
        return id

    def __contains__(self, id: object) -> bool:
        with self._lock:
            return self._db.execute("select 1 from conversation where id = ?", (str(id),)).fetchone() is not None

    def state(self, id: str) -> str:
        """Who is to speak: bot, waiting, with_person or closed, after time-outs; raises `BadInput` for an unknown id."""
        with self._lock:
            row = self._db.execute("select state, changed from conversation where id = ?", (id,)).fetchone()
            if row is None:
                raise BadInput("That conversation is no longer kept.", "Begin a new chat.")
            state, silent = row[0], self._clock() - row[1]
            if state == "waiting" and silent > WAITING_FOR:
                self.say(id, "notice", GAVE_UP, "bot")
                return "bot"
            if state == "with_person" and silent > SILENT_FOR:
                self.say(id, "notice", LEFT, "waiting")
                return "waiting"
            if state == "bot" and silent > IDLE_FOR and self._count(id):
                self._db.execute("update conversation set state = 'closed' where id = ?", (id,))
                return "closed"
            return state

    def say(self, id: str, author: str, text: str, state: str = "") -> None:
        """Add what a customer, an agent or a notice says; with `state`, that changes too."""
        self._add(id, author, json.dumps({"text": text}), state)

    def add_turn(self, id: str, turn: Turn) -> None:
        """Add a message together with the bot's reply."""
        self._add(id, "bot", json.dumps(turn.stored()), turn.memory.state)

    def entries(self, id: str) -> list[Entry]:
        """Everything said in a conversation, oldest first."""
        query = "select author, data, at from entry where conversation = ? order by number"
        with self._lock:
            rows = self._db.execute(query, (id,)).fetchall()
        return [_entry(author, json.loads(data), at) for author, data, at in rows]

    def turns(self, id: str) -> list[Turn]:
        """The bot's own turns, which are what it remembers."""
        return [entry.turn for entry in self.entries(id) if entry.turn]

    def cut(self, id: str, index: int) -> None:
        """Forget the entries from `index` on: the customer takes a message back to say it differently."""
        with self._lock:
            query = "select number from entry where conversation = ? order by number limit 1 offset ?"
            row = self._db.execute(query, (id, max(0, index))).fetchone()
            if row:
                self._db.execute("delete from entry where conversation = ? and number >= ?", (id, row[0]))

    def queue(self) -> list[tuple[str, str, float]]:
        """(id, state, when it last changed) of the conversations that wait for a person or have one, longest first."""
        query = "select id from conversation where state in ('waiting', 'with_person') order by changed"
        with self._lock:
            ids = [row[0] for row in self._db.execute(query).fetchall()]
            found = [(id, self.state(id)) for id in ids]
            when = dict(self._db.execute("select id, changed from conversation").fetchall())
        return [(id, state, when[id]) for id, state in found if state in ("waiting", "with_person")]

    def _add(self, id: str, author: str, data: str, state: str) -> None:
        if state and state not in STATES:
            raise ValueError(state)
        now = self._clock()
        with self._lock:
            if id not in self:
                raise BadInput("That conversation is no longer kept.", "Begin a new chat.")
            self._db.execute("begin")
            self._db.execute(
                "insert into entry (conversation, author, data, at) values (?, ?, ?, ?)", (id, author, data, now)
            )
            self._db.execute(
                "update conversation set changed = ?, state = case when ? = '' then state else ? end where id = ?",
                (now, state, state, id),
            )
            self._db.execute("commit")

    def _count(self, id: str) -> int:
        return self._db.execute("select count(*) from entry where conversation = ?", (id,)).fetchone()[0]


def _entry(author: str, data: dict, at: float) -> Entry:
    turn = restored(data) if author == "bot" else None
    return Entry(author, turn.reply if turn else data["text"], at, turn)
