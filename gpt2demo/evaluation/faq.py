"""A bank's FAQ brought along as a knowledge base: how long it takes to load, and whether other words find the same answer.

The FAQ is not ours to pass on, so the rewordings (ours) name a question by a hash of its letters and digits.
"""

import hashlib
import json
import re
import time
from pathlib import Path

from gpt2demo.chat.upload import read
from gpt2demo.errors import BadInput

REWORDINGS = Path(__file__).with_name("faq_rewordings.jsonl")
FAQ = Path("chat") / "bank_faq" / "faqs.csv"


def key(question: str) -> str:
    """How a rewording names the question that it rewords."""
    return hashlib.sha256(re.sub("[^a-z0-9]", "", question.lower()).encode()).hexdigest()[:16]


def measure(data: Path) -> dict:
    """Load the FAQ in `data` and look every rewording up: seconds, and the share found first and among the first three."""
    path = data / FAQ
    if not path.is_file():
        raise BadInput(f"There is no {FAQ} in {data}.", "Name the data folder with --data.")
    began, worked = time.perf_counter(), time.process_time()
    knowledge = read(path)
    knowledge.search("warm")
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    places = [_place(knowledge, json.loads(row)) for row in REWORDINGS.read_text(encoding="utf-8").splitlines()]
    return {
        "passages": len(knowledge.passages),
        "load_seconds": round(seconds, 2),
        "load_processor_seconds": round(worked, 2),
        "rewordings": len(places),
        "found_first": sum(place == 0 for place in places) / len(places),
        "found_in_three": sum(place < 3 for place in places) / len(places),
    }


def _place(knowledge, row: dict) -> int:
    """Where the right answer stands among those found; any answer that the FAQ gives to the question counts."""
    hits = knowledge.search(row["rewording"], 20)
    right = (i for i, hit in enumerate(hits) if row["question"] in map(key, hit.passage.asked))
    return next(right, len(hits) + 3)
