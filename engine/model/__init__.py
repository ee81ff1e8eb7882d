"""The built-in joint audio-video diffusion model: what it is told, the network, the sampler, its weights."""
