"""One file a model family, all behind the ``Backend`` protocol."""
