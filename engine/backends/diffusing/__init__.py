"""What the backends on diffusers share: their folders, loading, steps, faults, and the way to a shot's frames and samples."""
