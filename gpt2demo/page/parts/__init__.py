"""What several tabs show. Each part is a pure function from findings to a plain value, and a script that draws it."""

from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
SCRIPTS_IN_HEAD = (
    "shared.js", "steps.js", "needs.js", "picture.js", "table.js", "ink.js", "matrix.js", "snapshot.js", "cells.js"
)  # fmt: skip


def part(name: str, value: object, elem_id: str, **props: object) -> gr.HTML:
    """The component of a part: an empty element that its script fills from `value`, never by way of HTML text."""
    return gr.HTML(
        value,
        html_template=f'<div class="{name.replace("_", "-")}"></div>',
        js_on_load=(HERE / f"{name}.js").read_text(encoding="utf-8"),
        elem_id=elem_id,
        apply_default_css=False,
        **props,
    )


def head() -> str:
    """The script that all parts share, for the page's head."""
    scripts = ((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS_IN_HEAD)
    return "".join(f"<script>{script}</script>" for script in scripts)


def css() -> str:
    """The style sheets of the page and of all parts."""
    sheets = [HERE.parent / "page.css", *sorted(HERE.glob("*.css"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in sheets)
