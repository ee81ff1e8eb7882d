"""What the engine's environment is made of, to the byte: a ``.lock`` a part, for pip's ``--require-hashes``."""
