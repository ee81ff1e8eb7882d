"""Content credentials (C2PA): who signs, what is said, and what a file still proves."""
