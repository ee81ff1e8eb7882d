"""How good the model is: what it makes of clips that were kept from learning, measured against their truth."""
