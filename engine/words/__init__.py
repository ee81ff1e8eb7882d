"""What words say: the style, for now. The prompt encoder joins it with the built-in model."""
