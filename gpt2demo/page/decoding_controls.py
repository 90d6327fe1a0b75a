"""The controls of the sampler: presets, sliders and fields, and how their values become a `Decoding` and back."""

from dataclasses import dataclass

import gradio as gr

from gpt2demo.generation.sampling import Decoding
from gpt2demo.page.parts.slider import Slider
from gpt2demo.page.presets import PRESETS, explained

SLIDERS = {  # setting -> lowest, highest, step, label, what it does
    "temperature": (0, 2, 0.05, "Temperature", "low is careful, high is wild"),
    "top_k": (0, 200, 1, "Top-k", "keep the k likeliest; 0 is off"),
    "top_p": (0, 1, 0.01, "Top-p", "keep this share; 1 is off"),
    "repetition_penalty": (1, 2, 0.05, "Repetition penalty", "against words already used; 1 is off"),
    "presence_penalty": (-2, 2, 0.1, "Presence penalty", "once for each used token; 0 is off"),
    "frequency_penalty": (-2, 2, 0.1, "Frequency penalty", "for every time it was used; 0 is off"),
}
COMPARED = ("temperature", "top_k", "top_p", "repetition_penalty")  # what B of an A/B may set otherwise
FIELDS = (*SLIDERS, "seed", "max_new_tokens", "stop")


@dataclass(frozen=True, eq=False)
class Controls:
    """The components: `sliders` in the order of SLIDERS, `inputs` in the order of FIELDS."""

    preset: gr.Radio
    sliders: list[gr.Slider]
    inputs: list[gr.Component]


def lay_out(most_new_tokens: int) -> Controls:
    """Put the controls onto the page under construction."""
    off = Decoding()
    with gr.Accordion("Settings: how the next token is chosen", open=True, elem_id="settings"):
        preset = gr.Radio(list(PRESETS), value="Balanced", label="Preset", elem_id="preset")
        gr.Markdown(explained(), elem_id="presets-explained")
        with gr.Row():
            first = [slider(name, getattr(off, name)) for name in list(SLIDERS)[:3]]
        with gr.Accordion("More: penalties, seed, length, stop texts", open=False, elem_id="more"):
            with gr.Row():
                more = [slider(name, getattr(off, name)) for name in list(SLIDERS)[3:]]
            with gr.Row():
                seed = gr.Number(off.seed, label="Seed", elem_id="seed", info="the same seed draws the same text")
                length = gr.Number(
                    off.max_new_tokens,
                    label="New tokens at most",
                    elem_id="max-new-tokens",
                    info=f"up to {most_new_tokens:,} at a time",
                )
                stops = gr.Textbox(
                    label="Stop texts", max_lines=8, elem_id="stops", info="one a line; \\n is a line break"
                )
    return Controls(preset, [*first, *more], [*first, *more, seed, length, stops])


def lay_out_other() -> Controls:
    """The controls of B, which is compared with what the others say."""
    preset = gr.Radio(list(PRESETS), value="Wild", label="B: preset", elem_id="preset-b")
    values, _ = PRESETS["Wild"]
    with gr.Row():
        sliders = [slider(name, values[name], "B: ") for name in COMPARED]
    return Controls(preset, sliders, sliders)


def slider(name: str, value: float, before: str = "") -> gr.Slider:
    """One slider; those of B have no id and no explanation of their own."""
    low, high, step, label, about = SLIDERS[name]
    if before:
        return Slider(low, high, value, step=step, label=f"{before}{label.lower()}", min_width=240)
    elem_id = name.removesuffix("_penalty").replace("_", "-")
    return Slider(low, high, value, step=step, label=label, elem_id=elem_id, info=about)


def decoding_from(*values: object) -> Decoding:
    """The sampler's settings from the page's fields, in the order of FIELDS."""
    *numbers, stops = values
    lines = (stops or "").splitlines()
    return Decoding(*numbers, stop=tuple(line.replace("\\n", "\n") for line in lines))


def decoding_values(decoding: Decoding) -> list[object]:
    """The page's fields for the sampler's settings, in the order of FIELDS."""
    numbers = [getattr(decoding, name) for name in FIELDS if name != "stop"]
    return [*numbers, "\n".join(stop.replace("\n", "\\n") for stop in decoding.stop)]
