"""Colours and fonts of Gradio's own components; the parts take theirs from the same variables in `page.css`."""

import gradio as gr

SYSTEM = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
PLEX = gr.themes.utils.fonts.LocalFont("IBM Plex Mono")  # comes with gradio
MONOSPACE = (PLEX, "ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Warm paper by day, blue-black by night, one calm blue for what can be clicked."""
    base = gr.themes.Base(
        primary_hue="blue", neutral_hue="stone", radius_size="sm", spacing_size="sm", font=SYSTEM, font_mono=MONOSPACE
    )
    colours = {
        "body_background_fill": ("#fbf9f5", "#0f1520"),
        "background_fill_primary": ("#fbf9f5", "#0f1520"),
        "background_fill_secondary": ("#f4f1ea", "#161e2c"),
        "block_background_fill": ("transparent", "transparent"),
        "body_text_color": ("#23262b", "#dde3ec"),
        "body_text_color_subdued": ("#666a70", "#93a0b4"),
        "block_label_text_color": ("#666a70", "#93a0b4"),
        "block_title_text_color": ("#3d4148", "#b9c3d3"),
        "block_info_text_color": ("#666a70", "#93a0b4"),
        "border_color_primary": ("#e3ded3", "#263145"),
        "input_background_fill": ("#ffffff", "#131b29"),
        "input_border_color": ("#d9d3c6", "#2c3950"),
        "input_border_color_focus": ("#2b62b8", "#7fb0f5"),
        "color_accent": ("#2b62b8", "#2b62b8"),
        "color_accent_soft": ("#e6eefa", "#1c2c47"),
        "slider_color": ("#2b62b8", "#7fb0f5"),
        "link_text_color": ("#2b62b8", "#7fb0f5"),
        "button_primary_background_fill": ("#2b62b8", "#3b74cf"),
        "button_primary_background_fill_hover": ("#234f96", "#4c84dd"),
        "button_primary_text_color": ("#ffffff", "#ffffff"),
        "button_secondary_background_fill": ("#f1ede4", "#1c2636"),
        "button_secondary_background_fill_hover": ("#e8e2d5", "#263246"),
        "button_secondary_text_color": ("#23262b", "#dde3ec"),
    }
    flat = {
        "block_border_width": "0px",
        "block_shadow": "none",
        "button_primary_shadow": "none",
        "block_padding": "0px",
    }
    themed = dict(flat)
    for name, (light, dark) in colours.items():
        themed[name] = light
        if name != "color_accent":
            themed[f"{name}_dark"] = dark
    return base.set(**themed)
