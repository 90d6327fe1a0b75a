"""From logits to text: the sampler, the tree of what was written, and the loop that writes."""
