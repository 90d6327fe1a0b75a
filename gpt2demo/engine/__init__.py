"""Runs a GPT-2: token ids in, numbers out. Knows no task and no page."""
