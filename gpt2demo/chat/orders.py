"""The shop's orders: a small SQLite database of invented ones, made anew at every start so that its dates are recent."""

import random
import sqlite3
import threading
from dataclasses import dataclass
from datetime import date, timedelta

PRODUCTS = (
    "Harbour lamp",
    "Moss blanket",
    "Willow basket",
    "Tide candle",
    "Fern vase",
    "Oak stool",
    "Linen cushion",
    "Storm lantern",
    "Clay teapot",
    "Reed lampshade",
)
NAMES = ("ada.finch", "ben.okoro", "clara.voss", "dmitri.hale", "elin.brook", "femi.ward", "greta.lund", "hugo.marsh")
STAGES = ("received", "packed", "sent", "out for delivery", "delivered", "cancelled", "returned")
FIRST, COUNT = 10400, 60

SCHEMA = """
create table orders (number text primary key, email text not null, status text not null, placed text not null,
                     expected text, delivered text, refunded text);
create table items (number text not null references orders, product text not null, quantity integer not null);
"""


@dataclass(frozen=True)
class Order:
    """One order; dates in ISO form, empty where there is none."""

    number: str
    email: str
    status: str
    placed: str
    expected: str
    delivered: str
    refunded: str
    items: tuple[tuple[str, int], ...]


class Orders:
    """Looks orders up, each only for the e-mail address with which it was placed."""

    def __init__(self, today: date | None = None):
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.executescript(SCHEMA)
        fill(self._database, today or date.today())

    def find(self, number: str, email: str) -> Order | None:
        """The order with this number if it was placed with this e-mail address, else None, whichever of the two is wrong."""
        with self._lock:
            query = "select * from orders where number = ? and lower(email) = lower(?)"
            row = self._database.execute(query, (number, email.strip())).fetchone()
            if row is None:
                return None
            items = self._database.execute("select product, quantity from items where number = ?", (number,)).fetchall()
        return Order(*(value or "" for value in row), tuple(items))


def fill(database: sqlite3.Connection, today: date) -> None:
    """Sixty orders of the last weeks, the same ones every day, seen from `today`."""
    chance = random.Random(7)
    for number in range(FIRST, FIRST + COUNT):
        status = STAGES[number % len(STAGES)]
        age = {"received": 0, "packed": 1, "sent": 2, "out for delivery": 4}.get(status, chance.randint(7, 28))
        placed = today - timedelta(days=age)
        expected = placed + timedelta(days=5)
        arrived = expected - timedelta(days=1) if status in ("delivered", "returned") else None
        refunded = today - timedelta(days=chance.randint(1, 6)) if status in ("cancelled", "returned") else None
        dates = (placed, None if status == "cancelled" else expected, arrived, refunded)
        email = f"{NAMES[number % len(NAMES)]}@example.com"
        texts = [d.isoformat() if d else None for d in dates]
        database.execute("insert into orders values (?, ?, ?, ?, ?, ?, ?)", (str(number), email, status, *texts))
        for product in chance.sample(PRODUCTS, chance.randint(1, 3)):
            database.execute("insert into items values (?, ?, ?)", (str(number), product, chance.randint(1, 2)))
    database.commit()


def spoken(iso: str) -> str:
    """A date as people say it: 24 November 2026."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def describe(order: Order) -> str:
    """The order's record as sentences: the source of all that is said about it."""
    items = ", ".join(f"{quantity} x {product}" for product, quantity in order.items)
    lines = {
        "received": "It has been received and is not packed yet, so it can still be changed or cancelled.",
        "packed": "It is packed and leaves us on the next working day.",
        "sent": "It has left us and is on its way.",
        "out for delivery": "It is out for delivery today.",
        "delivered": f"It was delivered on {spoken(order.delivered)}." if order.delivered else "",
        "cancelled": f"It was cancelled, and the money was sent back on {spoken(order.refunded)}."
        if order.refunded
        else "",
        "returned": f"It came back to us, and the money was sent back on {spoken(order.refunded)}."
        if order.refunded
        else "",
    }
    due = order.status in ("received", "packed", "sent") and order.expected
    expected = f" It should arrive by {spoken(order.expected)}." if due else ""
    return f"Order {order.number} of {spoken(order.placed)} ({items}). {lines[order.status]}{expected}"
