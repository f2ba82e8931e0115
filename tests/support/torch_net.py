"""The same network in PyTorch, gradients by its autograd: a judge we did not write."""

import numpy as np


def activations(torch):
    F = torch.nn.functional
    return {
        "identity": lambda z: z,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "leaky_relu": lambda z, alpha=0.01: F.leaky_relu(z, alpha),
        "elu": lambda z, alpha=1.0: F.elu(z, alpha),
        "swish": F.silu,
        "gelu": F.gelu,
        "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
        "softplus": lambda z: F.softplus(z, threshold=1e9),
        "softsign": F.softsign,
        "selu": F.selu,
        "mish": F.mish,
        # F.hardsigmoid multiplies its gradient by a float32 sixth: 1e-8 off in float64.
        "hard_sigmoid": lambda z: F.relu6(z + 3) / 6,
        "hard_swish": F.hardswish,
        "relu6": F.relu6,
        "exp": torch.exp,
        "softmax": lambda z: torch.softmax(z, -1),
    }


def per_sample_losses(torch):
    """Each takes (y, logits), shape (n, k), and returns (n,)."""
    F = torch.nn.functional

    def summed(elements):
        return elements.sum(dim=1)

    def classes(y, f, smoothing=0.0):
        return F.cross_entropy(f, y, reduction="none", label_smoothing=smoothing)

    def binary(y, f, smoothing=0.0):
        target = y * (1 - smoothing) + smoothing / 2
        return summed(F.binary_cross_entropy_with_logits(f, target, reduction="none"))

    return {
        "squared_error": lambda y, f: summed(F.mse_loss(f, y, reduction="none")) / 2,
        "binary_cross_entropy": binary,
        "categorical_cross_entropy": classes,
        "huber": lambda y, f, delta=1.0: summed(
            F.huber_loss(f, y, reduction="none", delta=delta)
        ),
        "absolute_error": lambda y, f: summed(F.l1_loss(f, y, reduction="none")),
        "hinge": lambda y, f: summed(F.relu(1 - (2 * y - 1) * f)),
        "squared_hinge": lambda y, f: summed(F.relu(1 - (2 * y - 1) * f) ** 2),
    }


def loss_and_gradient(torch, plan, theta, X, y, weight=None, masks=None, running=None):
    """Return PyTorch's loss and gradient for the network that `plan` and `theta` describe.

    `running` holds, by place in the plan, the mean and variance that it updates in place.
    """
    from glassnet import catalog

    t = torch.tensor(theta, requires_grad=True)
    F = torch.nn.functional
    a = torch.tensor(X)
    for i, layer in enumerate(plan.layers):
        own = [t[p.start : p.stop].reshape(p.shape) for p in layer.parameters]
        if layer.kind == "dense":
            a = F.linear(a, own[0].T, own[1])
        elif layer.kind == "batch_norm":
            statistics = (running or {}).get(i, (None, None))
            a = F.batch_norm(a, *statistics, *own, training=True, momentum=0.1, eps=1e-5)
        elif layer.kind == "layer_norm":
            a = F.layer_norm(a, (layer.units,), *own, eps=1e-5)
        elif layer.kind == "activation":
            record = catalog.activation(layer.formula)
            a = activations(torch)[record.name](a, **dict(record.parameters))
        elif masks and i in masks:
            a = a * torch.tensor(masks[i]) / (1 - layer.rate)
    if not plan.fused:
        a = activations(torch)[plan.output](a)
    record = catalog.loss(plan.loss)
    losses = per_sample_losses(torch)[record.name](
        torch.tensor(y), a, **dict(record.parameters)
    )
    w = torch.ones(len(y), dtype=losses.dtype) if weight is None else torch.tensor(weight)
    loss = (losses * w).sum() / w.sum()
    for p in plan.penalized:
        loss = loss + plan.alpha / (2 * w.sum()) * (t[p.start : p.stop] ** 2).sum()
    loss.backward()
    return loss.item(), t.grad.numpy()


def targets(name, n, k, rng):
    """Return targets that the loss can take."""
    if name == "categorical_cross_entropy":
        return np.eye(k)[rng.integers(0, k, n)]
    if name in ("binary_cross_entropy", "hinge", "squared_hinge"):
        return rng.integers(0, 2, (n, k)).astype(float)
    if name == "poisson":
        return rng.poisson(2.0, (n, k)).astype(float)
    return rng.normal(size=(n, k))
