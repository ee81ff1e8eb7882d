"""What the sequencer cannot do, in a sentence for the artist."""


class SequencerError(Exception):
    """A take cannot be laid, switched or rendered; the timeline is as it was."""
