"""The page in headless Chromium, and its endpoints, against a demo that runs offline."""
