"""Look into a network: one step, whether its gradients are right, why it does not learn."""
