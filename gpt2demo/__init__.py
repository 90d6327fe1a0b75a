"""GPT-2, thinking out loud: a playground that shows what a language model does at every token."""

__version__ = "0.1.0"
