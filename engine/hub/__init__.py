"""Models on this machine: which there are, what each needs and allows, and how they get here, checked and whole."""
