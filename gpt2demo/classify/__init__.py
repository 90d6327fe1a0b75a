"""A label from the last token's hidden state: sentiment, intent, or whatever an adapter was trained for."""

from gpt2demo.classify.head import Head, load, save
from gpt2demo.classify.label import Labelled, label, probabilities, windows

__all__ = ["Head", "Labelled", "label", "load", "probabilities", "save", "windows"]
