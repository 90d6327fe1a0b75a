"""The same computations a second time, from their definitions or by other libraries; no code is shared with gpt2demo."""
