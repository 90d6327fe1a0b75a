"""The page without a browser: its rendering functions, and its handlers over an engine made by hand."""
