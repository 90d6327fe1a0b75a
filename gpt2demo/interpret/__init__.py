"""Numbers about a forward pass: what each head looks at, what each layer would say, what matters for an answer."""
