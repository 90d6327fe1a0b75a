"""Sentiment: one text that can be questioned, or a file of them."""
