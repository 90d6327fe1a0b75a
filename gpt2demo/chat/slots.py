"""What a customer named: order number, e-mail address, product, date; found in a message and kept over the dialogue."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ORDER = re.compile(r"(?<![\w.,€$£@-])#?(\d{5})(?![\w@]|[.,:]\d)")
NAMED_NUMBER = re.compile(r"\border(?:\s+(?:number|no|nr|id)\b)?\.?\s*(?:is|was|:|#)?\s*#?(\d{2,12})\b", re.IGNORECASE)
HASHED = re.compile(r"#\s*([A-Z]{0,4}-?\d{3,12})\b|\b([A-Z]{1,4}-?\d{4,12})\b", re.IGNORECASE)
DATE = re.compile(
    r"\b(?:\d{1,2}\.\d{1,2}\.(?:\d{2,4})?|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?\b"
    r"|\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:january|february|march|april|may|june|july|august|september|october"
    r"|november|december)"
    r"|yesterday|today|last (?:week|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday))",
    re.IGNORECASE,
)
CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")


@dataclass(frozen=True)
class Slots:
    """Empty strings are what is not known yet."""

    order: str = ""
    email: str = ""
    product: str = ""
    date: str = ""

    def __or__(self, newer: "Slots") -> "Slots":
        """These slots with what a newer message named."""
        return Slots(*(getattr(newer, f.name) or getattr(self, f.name) for f in fields(self)))


def find(message: str, products: Iterable[str] = ()) -> Slots:
    """The slots in one message; where it names two orders, the last one counts."""
    without = EMAIL.sub(" ", message)
    numbers = ORDER.findall(without) or NAMED_NUMBER.findall(without) or [a or b for a, b in HASHED.findall(without)]
    emails, dates = EMAIL.findall(message), DATE.findall(message)
    low = message.lower()
    named = [product for product in products if product.lower() in low]
    return Slots(
        numbers[-1] if numbers else "",
        emails[-1].rstrip(".").lower() if emails else "",
        named[-1] if named else "",
        dates[-1] if dates else "",
    )


def mask(text: str) -> str:
    """A text for logs: e-mail addresses, card numbers and other long numbers hidden."""
    text = EMAIL.sub("[e-mail]", text)
    text = CARD.sub("[card]", text)
    return re.sub(r"\+?\d[\d ()/-]{3,}\d", "[number]", text)
