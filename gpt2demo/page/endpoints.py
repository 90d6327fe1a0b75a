"""The named endpoints, for programs: `/generate` streams what it writes, `/next_token` lists what could come next,
`/attention` scores every head on a text, `/chat` answers a customer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from gpt2demo.chat.pipeline import converse
from gpt2demo.engine.tokenizer import readable
from gpt2demo.errors import BadInput, DemoError
from gpt2demo.generation.generate import record, write
from gpt2demo.generation.next_token import next_token as candidates
from gpt2demo.generation.run import Shelf, from_prompt
from gpt2demo.generation.sampling import Decoding
from gpt2demo.interpret import heads
from gpt2demo.services import LOGITS_BYTES, Services

MOST_MESSAGES = 50  # of one conversation
UPDATE_EVERY = 0.125  # seconds


def within_limits(services: Services, prompt: str, decoding: Decoding) -> str:
    """The prompt as valid text; raises `BadInput` for more than this host allows a visitor at a time."""
    if not isinstance(prompt, str):
        raise BadInput("The prompt must be a text.")
    told = services.settings
    if len(prompt) > told.most_prompt_characters:
        raise BadInput(
            f"The prompt has {len(prompt):,} characters, more than the {told.most_prompt_characters:,} that this page takes.",
            "Shorten it.",
        )
    if decoding.max_new_tokens > told.most_new_tokens:
        raise BadInput(f"This page writes at most {told.most_new_tokens:,} tokens at a time.", "Ask for fewer.")
    return readable(prompt)


@contextmanager
def told() -> Iterator[None]:
    """Answer a caller with the sentence of what went wrong, and nothing else."""
    try:
        yield
    except DemoError as error:
        raise gr.Error(str(error), print_exception=False) from error


def add(services: Services) -> None:
    """Register the endpoints with the page under construction."""
    add_writing(services)
    add_looking(services)
    add_chat(services)


def add_writing(services: Services) -> None:
    """`/generate`, which streams."""

    def generate(
        prompt: str,
        max_new_tokens: int = 80,
        temperature: float = 0.8,
        top_k: int = 40,
        top_p: float = 0.95,
        repetition_penalty: float = 1.1,
        presence_penalty: float = 0.0,
        frequency_penalty: float = 0.0,
        seed: int = 0,
        stop: list[str] | None = None,
    ) -> Iterator[dict]:
        """Write on from a prompt. Yields the whole record so far, the last time complete."""
        sampler = (temperature, top_k, top_p, repetition_penalty, presence_penalty, frequency_penalty)
        with told():
            decoding = Decoding(*sampler, seed, max_new_tokens, stop or ())
            prompt = within_limits(services, prompt, decoding)
            engine = services.engine()
            branch, sent = from_prompt(engine, prompt, decoding, ""), 0.0
            for branch in write(engine, branch, decoding, Shelf(LOGITS_BYTES)):
                if branch.stopped_by or time.monotonic() - sent >= UPDATE_EVERY:
                    sent = time.monotonic()
                    yield record(engine, branch, prompt)

    gr.api(generate, api_name="generate")


def add_looking(services: Services) -> None:
    """`/next_token` and `/attention`: what the model says of a text, without writing on."""

    def next_token(
        prompt: str,
        top: int = 20,
        temperature: float = 0.8,
        top_k: int = 40,
        top_p: float = 0.95,
        repetition_penalty: float = 1.1,
        presence_penalty: float = 0.0,
        frequency_penalty: float = 0.0,
    ) -> dict:
        """The likeliest next tokens after a prompt: raw probability, after penalties and temperature, after the cut."""
        sampler = (temperature, top_k, top_p, repetition_penalty, presence_penalty, frequency_penalty)
        with told():
            decoding = Decoding(*sampler)
            prompt = within_limits(services, prompt, decoding)
            return candidates(services.engine(), prompt, decoding, top)

    def attention(text: str) -> dict:
        """What every head looks at in a text: its tokens, and six numbers for each head of each layer."""
        with told():
            text, engine = within_limits(services, text, Decoding()), services.engine()
            return heads.record(engine, engine.tokenizer.encode(text))

    gr.api(next_token, api_name="next_token")
    gr.api(attention, api_name="attention")


def add_chat(services: Services) -> None:
    """`/chat`."""

    def chat(messages: list[str]) -> dict:
        """A conversation with the shop's customer service, a turn for each message: reply, mode, confidence, sources, state."""
        with told():
            if not isinstance(messages, list) or not 0 < len(messages) <= MOST_MESSAGES:
                raise BadInput(f"A conversation has 1 to {MOST_MESSAGES} messages.", "Send a list of texts.")
            turns = converse(services.chat_parts(), map(str, messages))
            return {"turns": [turn.record() for turn in turns]}

    gr.api(chat, api_name="chat")
