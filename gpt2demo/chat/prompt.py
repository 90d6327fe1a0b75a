"""How passage, history and question are laid before the model: the one place that knows, for training and for use alike.

    Passage: Cancelling an order. You can cancel an order free of charge until it is packed ...
    Customer: hello
    Agent: Hello, and welcome.
    Customer: can I still stop my order?
    Agent:

The reply is what the model writes up to the end of the line. `Customer:` and `Agent:` are the names that the dialogues in
the base model's training text use. The oldest turns leave first, then the passage's end, so that the whole fits.
"""

from collections.abc import Sequence

from gpt2demo.chat.knowledge import Passage
from gpt2demo.engine.contract import Engine

STOPS = ("\n", "Customer:", "Agent:", "Passage:")
REPLY_TOKENS = 72
HISTORY_TURNS = 2


def prompt(passage: Passage, history: Sequence[tuple[str, str]], question: str) -> str:
    """The text before the reply; `history` is (customer, agent) pairs, oldest first."""
    turns = "".join(f"Customer: {one_line(said)}\nAgent: {one_line(reply)}\n" for said, reply in history)
    return f"Passage: {passage.title}. {one_line(passage.text)}\n{turns}Customer: {one_line(question)}\nAgent:"


def fitting(engine: Engine, passage: Passage, history: Sequence[tuple[str, str]], question: str) -> str:
    """The prompt with as much history, and then as much of the passage, as leaves room for a reply."""
    room = engine.info.positions - REPLY_TOKENS
    for kept in range(min(HISTORY_TURNS, len(history)), -1, -1):
        text = prompt(passage, history[len(history) - kept :], question)
        if len(engine.tokenizer.encode(text)) <= room:
            return text
    ids = engine.tokenizer.encode(text)
    over = len(ids) - room
    body = engine.tokenizer.encode(one_line(passage.text))
    shorter = engine.tokenizer.decode(body[: max(0, len(body) - over - 4)])
    return prompt(Passage(passage.id, passage.topic, passage.title, shorter), (), question[:600])


def one_line(text: str) -> str:
    return " ".join(text.split())
