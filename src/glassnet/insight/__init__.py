"""Look into a network: what a step computes, whether gradients are right, why it fails to learn."""
