"""Endpoints for programs about opinions: `/sentiment`, `/sentiment_batch` and `/monitor`.

Each takes the name of a model; without one it asks the model that the demo was started with.
"""

import gradio as gr

from gpt2demo.errors import BadInput
from gpt2demo.monitor import topics
from gpt2demo.monitor.headlines import reading
from gpt2demo.monitor.store import Store
from gpt2demo.monitor.watch import report, take_in, view
from gpt2demo.monitor.windows import length_of
from gpt2demo.page.endpoints import told
from gpt2demo.sentiment.opinion import Reader, opinion, opinions, record
from gpt2demo.services import Services

MOST_TEXTS = 2000


def reader_of(services: Services, model: str) -> Reader:
    """The reader of a model by name; raises `BadInput` for what is no name, `ModelNotFound` for a name of nothing."""
    if not isinstance(model, str):
        raise BadInput("The model must be a name.", "Leave it out for the model that the demo was started with.")
    return services.reader(model)


def pairs(headlines: object) -> list[tuple[str, str]]:
    """(date, headline) pairs as a caller sent them; raises `BadInput` for anything else."""
    if not isinstance(headlines, list) or not all(isinstance(row, list) and len(row) == 2 for row in headlines):
        raise BadInput("Headlines must be a list of pairs.", 'Send [["2026-11-25", "Oil falls"], ...].')
    return [(str(date), str(text)) for date, text in headlines]


def check_limits(services: Services, texts: list[str]) -> None:
    """Raise `BadInput` for more than a caller may ask at a time."""
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadInput("Every text must be a text.", "Send a list of texts.")
    if len(texts) > MOST_TEXTS:
        raise BadInput(f"{len(texts):,} texts are more than the {MOST_TEXTS:,} taken at a time.", "Send them in parts.")
    longest = max(map(len, texts), default=0)
    if longest > services.settings.most_prompt_characters:
        most = services.settings.most_prompt_characters
        raise BadInput(f"A text has {longest:,} characters, more than the {most:,} that are taken.", "Shorten it.")


def add(services: Services) -> None:
    """Register the endpoints with the page under construction."""

    def sentiment(text: str, model: str = "") -> dict:
        """Whether a text is negative, neutral or positive, with calibrated probabilities."""
        with told():
            check_limits(services, [text])
            reader = reader_of(services, model)
            return {"model": reader.engine.info.name} | record(opinion(reader, text))

    def sentiment_batch(texts: list[str], model: str = "") -> dict:
        """The same for many texts at once, in their order."""
        with told():
            check_limits(services, texts)
            reader = reader_of(services, model)
            return {"model": reader.engine.info.name, "rows": [record(found) for found in opinions(reader, texts)]}

    def monitor(headlines: list[list[str]], window: str = "1d", watch_list: str = "", model: str = "") -> dict:
        """Windows and alarms for dated headlines ([date, headline] each); nothing is kept."""
        with told():
            rows = pairs(headlines)
            check_limits(services, [text for _, text in rows])
            watched, length = topics.parse(watch_list) if watch_list else topics.shipped(), length_of(window)
            reader, store = reader_of(services, model), Store(":memory:")
            label, guess = reader.probabilities, services.guesser(watched, model)
            for _ in take_in(store, "", reading(rows, "The list").headlines, watched, label, guess):
                pass
            return report(view(store.scored("", guess.key), watched, length))

    for endpoint in (sentiment, sentiment_batch, monitor):
        gr.api(endpoint, api_name=endpoint.__name__)
