"""What must be true, measured: ``python -m tests.bench`` (``make bench``) prints what | bound | measured | holds.

A row is a module with ``lines()``; ``registry.py`` lists them. Each runs in a process of its own.
"""
