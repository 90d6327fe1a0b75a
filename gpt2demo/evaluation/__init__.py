"""Every number that we publish about a model, each by one command."""
