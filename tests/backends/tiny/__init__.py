"""Tiny pipelines of the real classes with random weights, saved as folders: what backends load in tests, offline."""
