"""What a studio's lawyer asks for: content credentials, a mark that survives, moderation. All of it works offline (docs/trust.md)."""
