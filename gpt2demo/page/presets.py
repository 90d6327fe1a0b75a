"""Four ways to choose the next token, each with one line on what it does."""

from gpt2demo.generation.sampling import Decoding

OFF = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0}

PRESETS = {
    "Greedy": (OFF | {"temperature": 0.0}, "always the likeliest token; repeats itself soon"),
    "Focused": (
        {"temperature": 0.6, "top_k": 40, "top_p": 0.9, "repetition_penalty": 1.1},
        "likely tokens, few surprises",
    ),
    "Balanced": (
        {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "repetition_penalty": 1.1},
        "the usual middle: varied but on its way",
    ),
    "Wild": (OFF | {"temperature": 1.3}, "anything goes; nothing is cut"),
}


def preset_of(decoding: Decoding) -> str | None:
    """The preset that these settings are, if they are one."""
    shared = (decoding.presence_penalty, decoding.frequency_penalty) == (0.0, 0.0)
    same = (
        n for n, (values, _) in PRESETS.items() if shared and all(getattr(decoding, k) == v for k, v in values.items())
    )
    return next(same, None)


def explained() -> str:
    """All presets in one line of Markdown."""
    return " · ".join(f"**{name}**: {what}" for name, (_, what) in PRESETS.items())
