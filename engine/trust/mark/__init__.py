"""An invisible mark in picture and sound that carries a take's id, for when the credentials were taken off."""
