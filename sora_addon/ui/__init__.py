"""What the artist sees of the add-on."""
