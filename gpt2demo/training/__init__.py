"""The recipes: how the models that ship with the demo, and their task adapters, were trained."""
