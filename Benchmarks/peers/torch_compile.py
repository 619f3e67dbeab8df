"""The training step in PyTorch with torch.compile: forward and backward compiled, the fused Adam."""

import torch

import torch_step

torch_step.serve(torch.compile)
