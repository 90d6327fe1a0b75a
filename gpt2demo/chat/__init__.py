"""Customer service: answers with their sources, and a person when there is none."""
