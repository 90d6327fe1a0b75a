"""Gradio's slider, without its check of what was typed beside it."""

from abc import ABCMeta

import gradio as gr


def hand_on(self: gr.Slider, typed: object) -> object:
    """What was typed, as it stands: the sampler says in a sentence what is wrong, where Gradio's own check puts "Error"
    on every field of the page."""
    return typed


# Not a `class` statement: Gradio answers each new component class by writing a .pyi file beside the source.
Slider = ABCMeta.__new__(type(gr.Slider), "Slider", (gr.Slider,), {"preprocess": hand_on, "is_template": True})
