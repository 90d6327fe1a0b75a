"""GPT-2 writes a reply from a passage and the conversation."""

from collections.abc import Callable, Iterator, Sequence

from gpt2demo.chat.knowledge import Passage
from gpt2demo.chat.prompt import REPLY_TOKENS, STOPS, fitting
from gpt2demo.engine.contract import Engine
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Shelf, from_prompt, shares, shown_length
from gpt2demo.generation.sampling import Decoding

CAREFUL = Decoding(temperature=0.0, top_k=0, top_p=1.0, repetition_penalty=1.1, max_new_tokens=REPLY_TOKENS, stop=STOPS)


def write_reply(
    engine: Engine,
    passage: Passage,
    history: Sequence[tuple[str, str]],
    question: str,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[str]:
    """The reply as it grows, always the likeliest token; the last one is what the model stopped at."""
    prompt = fitting(engine, passage, history, question)
    branch = from_prompt(engine, prompt, CAREFUL, "")
    for branch in write(engine, branch, CAREFUL, Shelf(0), cancelled):
        texts = shares(engine, branch)
        yield "".join(texts[branch.prompt_length : shown_length(engine, branch, texts)]).strip()
