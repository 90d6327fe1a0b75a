"""What the tabs have in common that are laid out first and connected once the others are there too."""

import gradio as gr

from gpt2demo.services import Services


class Tab:
    """A tab of the page; `lay_out` makes its components."""

    title: str

    def __init__(self, services: Services, status: gr.HTML):
        self.services = services
        self.room = gr.context.Context.block  # the gr.Tab in which this is laid out
        self.lay_out()

    def lay_out(self) -> None:
        raise NotImplementedError
