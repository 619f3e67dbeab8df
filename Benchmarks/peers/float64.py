"""The training step in float64, with PyTorch: the reference that all others are compared to."""

import torch

import torch_step

torch_step.serve(dtype=torch.float64)
