"""The training step in PyTorch, eager, with the fused Adam."""

import torch_step

torch_step.serve()
