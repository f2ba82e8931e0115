"""Look into a network: whether its gradients are right, and what one step of it computes."""
