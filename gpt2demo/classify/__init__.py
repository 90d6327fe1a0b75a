"""A label from the last token's hidden state: sentiment, intent, or whatever an adapter was trained for."""

from gpt2demo.classify.head import Head, load, save
from gpt2demo.classify.label import Labelled, Stopped, label, never, probabilities, windows

__all__ = ["Head", "Labelled", "Stopped", "label", "load", "never", "probabilities", "save", "windows"]
