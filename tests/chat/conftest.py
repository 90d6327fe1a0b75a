"""A shop of three passages, so that what is right is known beforehand."""

import pytest

from gpt2demo.chat import manners
from gpt2demo.chat.knowledge import Knowledge, Passage
from gpt2demo.chat.orders import Orders
from gpt2demo.chat.pipeline import Parts, answer
from gpt2demo.chat.understanding import Understanding
from gpt2demo.services import Services
from gpt2demo.settings import Settings


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Parts:
    """The shipped shop."""
    return Services(Settings(offline=True, state=tmp_path_factory.mktemp("state"))).chat_parts()


@pytest.fixture(scope="session")
def little_shop() -> Parts:
    """Three passages and the shipped rules; a passage on parrots has no template."""
    passages = (
        Passage(
            "parrots-food", "parrots", "What parrots eat", "Our parrots eat 3 walnuts a day.", ("what do parrots eat",)
        ),
        Passage(
            "boats-hire", "boats", "Hiring a boat", "A boat costs €20 an hour.", ("can I hire a boat", "rent a boat")
        ),
        Passage("kites-repair", "kites", "Mending a kite", "Torn kites are mended by Ida.", ("my kite is torn",)),
    )
    rules = manners.shipped()
    return Parts(Understanding(Knowledge(passages), rules), rules, Orders())


@pytest.fixture
def talk():
    """Hold a conversation: `talk(parts, message, ...)` gives its turns."""

    def held(parts: Parts, *messages: str) -> list:
        turns = []
        for message in messages:
            *_, turn = answer(parts, turns, message)
            turns.append(turn)
        return turns

    return held
