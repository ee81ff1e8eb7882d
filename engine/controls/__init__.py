"""Passes into what models take: every function pure, its convention in its docstring."""
