"""The Gradio front end: reads inputs into values, calls the layers below, draws what they find."""
