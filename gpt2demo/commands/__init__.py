"""The command line, one file a sub-command: its flags, then what it does."""
