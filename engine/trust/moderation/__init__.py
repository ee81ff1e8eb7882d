"""What may be asked for and what may be handed over: hard rules, a small head on the words, pictures, and a log of decisions."""
