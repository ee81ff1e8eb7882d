"""How a model's folder is laid out, as diffusers lays one out. Nothing is imported, so that lists of models cost nothing."""

from __future__ import annotations

INDEX, KIND = "model_index.json", "ShotPipeline"
PART, WEIGHTS = "network", "diffusion_pytorch_model.safetensors"
