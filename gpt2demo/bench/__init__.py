"""Every speed that the project publishes, each by one command."""
