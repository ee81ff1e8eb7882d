"""The model manager: which models are here, what each needs and allows, and how they come and go. The engine does the work."""
