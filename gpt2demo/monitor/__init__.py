"""Monitoring of opinion: headlines by topic over time, and an alarm when the bad news about one surges."""
