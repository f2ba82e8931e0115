"""Each schedule beside the same one in PyTorch, step count by step count."""

import numpy as np

from glassnet import schedules

STEPS = 100
DONE = np.arange(STEPS)

# Ours, the progress of each step in PyTorch's counting, and PyTorch's class and arguments.
SCHEDULES = {
    "step": (
        schedules.Step(0.5, 0.25),
        DONE / STEPS,
        "StepLR",
        {"step_size": 25, "gamma": 0.5},
    ),
    "step_tenth": (
        schedules.Step(0.8, 0.1),
        DONE / STEPS,
        "StepLR",
        {"step_size": 10, "gamma": 0.8},
    ),
    "exponential": (
        schedules.Exponential(0.95**STEPS),
        DONE / STEPS,
        "ExponentialLR",
        {"gamma": 0.95},
    ),
    "cosine": (schedules.Cosine(), DONE / STEPS, "CosineAnnealingLR", {"T_max": STEPS}),
    "cosine_final": (
        schedules.Cosine(0.2),
        DONE / STEPS,
        "CosineAnnealingLR",
        {"T_max": STEPS, "eta_min": 0.2},
    ),
    "warmup_cosine": (schedules.WarmupCosine(0.2, 0.05, 0.1), DONE / STEPS, "sequence", {}),
    # PyTorch's one-cycle counts to its last step, and its rise ends a step earlier.
    "one_cycle": (
        schedules.OneCycle((0.3 * STEPS - 1) / (STEPS - 1)),
        DONE / (STEPS - 1),
        "OneCycleLR",
        {"max_lr": 1.0, "total_steps": STEPS},
    ),
    "one_cycle_others": (
        schedules.OneCycle((0.5 * STEPS - 1) / (STEPS - 1), start=0.1, final=0.001),
        DONE / (STEPS - 1),
        "OneCycleLR",
        {
            "max_lr": 1.0,
            "total_steps": STEPS,
            "pct_start": 0.5,
            "div_factor": 10.0,
            "final_div_factor": 100.0,
        },
    ),
}


def _losses():
    """Return losses that fall, rest, and fall again, with noise."""
    rng = np.random.default_rng(3)
    stairs = np.repeat([4.0, 2.0, 1.0, 0.999, 0.5], 40)
    return (stairs * (1 + 0.01 * rng.standard_normal(stairs.size))).tolist()


LOSSES = _losses()
PLATEAUS = {
    "plateau": (schedules.ReduceOnPlateau(), {}),
    "plateau_all": (
        schedules.ReduceOnPlateau(0.5, 3, 0.01, 4, 0.1),
        {"factor": 0.5, "patience": 3, "threshold": 0.01, "cooldown": 4, "min_lr": 0.1},
    ),
    "plateau_impatient": (
        schedules.ReduceOnPlateau(0.9, 0, 0.0, 1),
        {"factor": 0.9, "patience": 0, "threshold": 0.0, "cooldown": 1},
    ),
}


def torch_factors(torch, case):
    """Return PyTorch's learning rate at each step, from a rate of one."""
    _, _, name, arguments = case
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    lr = torch.optim.lr_scheduler
    if name == "sequence":
        rise = lr.LinearLR(optimizer, start_factor=0.05, total_iters=STEPS // 5)
        fall = lr.CosineAnnealingLR(optimizer, T_max=STEPS - STEPS // 5, eta_min=0.1)
        scheduler = lr.SequentialLR(optimizer, [rise, fall], [STEPS // 5])
    else:
        scheduler = getattr(lr, name)(optimizer, **arguments)
    factors = []
    for _ in range(STEPS):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return factors


def torch_plateau(torch, case):
    """Return PyTorch's learning rate after each loss, from a rate of one."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    # eps=0: PyTorch otherwise keeps a rate that would change by less than 1e-8.
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, eps=0.0, **case[1])
    factors = []
    for loss in LOSSES:
        optimizer.step()
        scheduler.step(loss)
        factors.append(optimizer.param_groups[0]["lr"])
    return factors
