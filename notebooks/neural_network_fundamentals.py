# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Neural Network Fundamentals
#
# A neural network is a formula with numbers in it, and learning is the search for better
# numbers. This notebook goes from one unit that draws a straight line to a network that
# bends it. Each point comes three times: as a formula, as a few lines of code, and as a
# number or a picture which that code has just made. The code it prints along the way is
# the code that runs: glassnet keeps every formula in
# plain NumPy, one screen long.
#
# The route is that of a well-known teaching notebook: the same problems, in the same order.
# That notebook goes wrong in four places. Each of them is a lesson, so each is shown here,
# measured, and put right:
#
# 1. its network **does not learn**: 35.5 % on a problem where guessing gives 50 %;
# 2. its backward pass **changes weights that it still needs**;
# 3. its Adam counts **a time step for each parameter's name**;
# 4. its optimizer race gives all runners **one learning rate**.
#
# You need glassnet (`pip install .` in its folder), which brings NumPy, scikit-learn and
# Matplotlib along.
# The whole notebook runs in under a minute, and every random number in it has a fixed seed.
#
# | letter | what | shape |
# |---|---|---|
# | $X$ | the data, a sample in each row | $(n, \text{features})$ |
# | $y$, $\hat y$ | what is true, and what the model answers | $(n,)$ or $(n, \text{outputs})$ |
# | $W$, $b$ | weights and biases of a layer | (units in, units out), (units out) |
# | $z$, $a$ | pre-activation $xW + b$, and activation $\varphi(z)$ | $(n, \text{units})$ |
# | $\eta$ | learning rate | a number |

# %%
import ast
import inspect
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification, make_moons
from sklearn.exceptions import ConvergenceWarning

from glassnet import MLP, Perceptron, activations, landscapes, losses, optimizers, plots
from glassnet.formulas import layers
from glassnet.formulas import optimizers as update_rules
from glassnet.formulas.perceptron import perceptron_epoch


def show(*functions):
    """Print the code of functions, without their docstrings."""
    codes = []
    for function in functions:
        source = inspect.getsource(function)
        lines, first = source.splitlines(), ast.parse(source).body[0].body[0]
        codes.append("\n".join(lines[: first.lineno - 1] + lines[first.end_lineno :]))
    print("\n\n".join(codes))


# %% [markdown]
# ## The Perceptron
#
# One unit: a weight for each input, a bias, and a decision.
#
# $$\hat y = \mathrm{step}(w_1 x_1 + w_2 x_2 + \dots + b), \qquad
# \mathrm{step}(z) = \begin{cases} 1 & z \ge 0 \\ 0 & z < 0 \end{cases}$$
#
# The answer changes where $w \cdot x + b = 0$: in a plane, a straight line. The weights
# turn the line, the bias shifts it.
#
# Rosenblatt's rule learns them from mistakes, sample by sample:
#
# $$w \leftarrow w + \eta\,(y - \hat y)\,x, \qquad b \leftarrow b + \eta\,(y - \hat y)$$
#
# $y - \hat y$ is 0 for a right answer, so nothing happens. It is $+1$ where the unit said 0
# and should have said 1: then $x$ is added, and the score of that $x$ rises. It is $-1$ in
# the opposite case. This is the whole of it, in glassnet's own code (for `k` units side by
# side, each of which has a column of `W`):

# %%
show(perceptron_epoch)

# %% [markdown]
# ### A problem that a line can solve

# %%
X_line, y_line = make_classification(
    n_samples=100,
    n_features=2,
    n_redundant=0,
    n_informative=2,
    n_clusters_per_class=1,
    random_state=42,
)
perceptron = Perceptron(learning_rate=0.01, n_iterations=1000).fit(X_line, y_line)

print(f"weights             {perceptron.weights[0]:.5f}  {perceptron.weights[1]:.5f}")
print(f"bias                {perceptron.bias:.5f}")
print(f"mistakes per pass   {perceptron.mistakes_}")
print(f"training accuracy   {perceptron.score(X_line, y_line):.3f}")

plots.decision_boundary(perceptron, X_line, y_line)
plt.show()

# %% [markdown]
# 1,000 passes were allowed and two were used: after one without a mistake nothing can
# change any more, so it stops. The first pass can be followed by hand. It starts at zero,
# where every score is 0 and every answer is 1:

# %%
w, b, rate = np.zeros(2), 0.0, 0.01
for i, (x, truth) in enumerate(zip(X_line, y_line, strict=True)):
    answer = 1 if x @ w + b >= 0 else 0
    if answer != truth:
        w += rate * (truth - answer) * x
        b += rate * (truth - answer)
        print(f"sample {i:2}: said {answer}, is {truth} -> w = {w.round(4)}, b = {b:.2f}")

first_pass = Perceptron(learning_rate=rate).partial_fit(X_line, y_line, classes=[0, 1])
assert np.allclose(w, first_pass.weights)
assert np.isclose(b, first_pass.bias)

# %% [markdown]
# **How many mistakes can it make?** If some line parts the classes with a margin $\gamma$,
# and no $(x, 1)$ is longer than $R$, there are at most $(R/\gamma)^2$ mistakes in all,
# whatever the order of the samples (Novikoff, 1962). The bound is far from tight, but it is
# finite: where a line exists, the perceptron finds one.
#
# **The learning rate does nothing here.** Every update is a multiple of $\eta$ and the start
# is zero, so $\eta$ scales the weights and the bias together. The line stays where it was.

# %%
with_one = np.column_stack([X_line, np.ones(len(X_line))])
found = np.append(perceptron.weights, perceptron.bias)
margin = np.min(np.abs(with_one @ found)) / np.linalg.norm(found)
longest = np.max(np.linalg.norm(with_one, axis=1))
print(f"mistakes made {sum(perceptron.mistakes_)}, bound {(longest / margin) ** 2:.0f}")

hundred_times = Perceptron(learning_rate=1.0).fit(X_line, y_line)
print("weights, learning rate 1.00:", hundred_times.weights.round(4))
print("weights, learning rate 0.01:", perceptron.weights.round(4))
assert sum(perceptron.mistakes_) <= (longest / margin) ** 2
assert hundred_times.mistakes_ == perceptron.mistakes_

# %% [markdown]
# ### Two problems that no line can solve
#
# **Exclusive or**: 1 if exactly one of two inputs is 1. A line would need all four of
#
# $$b < 0, \qquad w_1 + b \ge 0, \qquad w_2 + b \ge 0, \qquad w_1 + w_2 + b < 0 .$$
#
# The middle two add up to $w_1 + w_2 + b \ge -b$, and $-b > 0$ by the first: the fourth
# cannot hold. So every pass makes at least one mistake, for ever. glassnet says so:

# %%
X_xor = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y_xor = np.array([0, 1, 1, 0])

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    on_xor = Perceptron(learning_rate=1.0).fit(X_xor, y_xor)
for warning in caught:
    print(f"{warning.category.__name__}: {warning.message}\n")

print(f"first ten passes: {on_xor.mistakes_[:10]} mistakes")
print(f"fewest mistakes in any of {on_xor.n_iter_} passes: {min(on_xor.mistakes_)}")
print(f"accuracy at the end: {on_xor.score(X_xor, y_xor):.2f}")

# %% [markdown]
# **Two moons** that reach around each other. From here on they are our test problem: 200
# points to learn from, and 2,000 new ones, drawn in the same way, to see what was learnt.

# %%
X, y = make_moons(n_samples=200, noise=0.1, random_state=42)
X_new, y_new = make_moons(n_samples=2000, noise=0.1, random_state=7)

with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
    on_moons = Perceptron(n_iterations=100).fit(X, y)

with plots.style():
    fig, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
    for model, name in [(on_moons, "moons"), (on_xor, "exclusive or"), (perceptron, "linear")]:
        mistakes = model.mistakes_ + [0] * 60  # a run that has stopped makes no more
        ax.plot(np.arange(1, 61), mistakes[:60], label=name)
    ax.set(xlabel="pass", ylabel="mistakes", title="Mistakes of the perceptron in each pass")
    ax.legend(loc="center right")
    plt.show()

plots.decision_boundary(on_moons, X, y)
plt.show()

# %% [markdown]
# The line ends up wherever the last mistake has pushed it. A better line than that exists,
# but none that is right.
#
# *Try:* `Perceptron(shuffle=True, random_state=0)` on the moons. Which part of the picture
# changes, and which cannot?

# %% [markdown]
# ## Multi-Layer Perceptron (MLP)
#
# Three units do what one cannot. Two of them look at the inputs, and the third looks at
# those two: "at least one, but not both".

# %%
at_least_one = activations.step(X_xor @ [1.0, 1.0] - 0.5)
both = activations.step(X_xor @ [1.0, 1.0] - 1.5)
exactly_one = activations.step(at_least_one - both - 0.5)

for inputs, *units in zip(X_xor, at_least_one, both, exactly_one, strict=True):
    print(
        inputs, "->  at least one: {:.0f}   both: {:.0f}   exactly one: {:.0f}".format(*units)
    )
assert np.array_equal(exactly_one, y_xor)

# %% [markdown]
# These weights were chosen by hand. To *learn* them we need to know which way each weight
# should move, and a step has no slope to tell. So the step becomes a smooth curve
# $\varphi$, and a layer of such units is one matrix product:
#
# $$z_0 = X W_0 + b_0, \qquad h = \varphi(z_0), \qquad z_1 = h W_1 + b_1, \qquad
# \hat y = \psi(z_1)$$
#
# and so on for more layers. The classic choice for $\varphi$ is the sigmoid,
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma'(z) = \sigma(z)\,(1 - \sigma(z)) .$$
#
# glassnet's version only ever takes $e^{-|z|}$, so that no input overflows:

# %%
show(activations.sigmoid, activations.sigmoid_slope)
print("\nsigmoid at -1000, 0 and 1000:", activations.sigmoid(np.array([-1000.0, 0.0, 1000.0])))

# %% [markdown]
# A small network, 2 inputs, 2 hidden units, 1 output. All its numbers lie in one vector,
# `theta`; weights and biases are views into it.

# %%
tiny = MLP(
    [2, 2, 1],
    activation="sigmoid",
    output="identity",
    loss="squared_error",
    initializer="normal(1.0)",
    seed=3,
)
(W0, W1), (b0, b1) = tiny.weights, tiny.biases

z0 = X_xor @ W0 + b0
h = 1 / (1 + np.exp(-z0))
z1 = h @ W1 + b1

print("theta:", tiny.theta.round(3))
print("output by hand:   ", z1[:, 0])
print("output of forward:", tiny.forward(X_xor)[:, 0])
assert np.allclose(z1, tiny.forward(X_xor), rtol=0, atol=1e-15)
assert all(np.shares_memory(part, tiny.theta) for part in (W0, b0, W1, b1))

# %% [markdown]
# ### Backpropagation is the chain rule, from the back
#
# How wrong the network is, as one number, with half the square so that the slope is plain:
#
# $$L = \frac{1}{n} \sum_{i=1}^{n} \tfrac12 (\hat y_i - y_i)^2$$
#
# Write $\delta$ for the slope of $L$ by a layer's pre-activations. For the last layer it is
# the error itself. Each layer turns the $\delta$ it is given into the slopes of its own
# numbers, and into the $\delta$ of the layer before:
#
# $$\delta_1 = \frac{\hat y - y}{n}, \qquad
# \frac{\partial L}{\partial W_1} = h^{\top} \delta_1, \qquad
# \frac{\partial L}{\partial b_1} = \sum_i \delta_{1,i}, \qquad
# \delta_0 = (\delta_1 W_1^{\top}) \odot \varphi'(z_0), \qquad
# \frac{\partial L}{\partial W_0} = X^{\top} \delta_0 .$$
#
# These are the two formulas that glassnet runs for every dense layer, however many there are
# (`delta` is that of the pre-activations, `a` the layer's input):

# %%
show(layers.dense_gradients, layers.dense_delta)

# %% [markdown]
# The same by hand, with the numbers of the small network, and one step of gradient descent,
# $\theta \leftarrow \theta - \eta\, \partial L / \partial \theta$:

# %%
delta1 = (z1 - y_xor[:, None]) / len(y_xor)
W1_slope, b1_slope = h.T @ delta1, delta1.sum(axis=0)
delta0 = (delta1 @ W1.T) * h * (1 - h)
W0_slope, b0_slope = X_xor.T @ delta0, delta0.sum(axis=0)

by_weights, by_biases = tiny.backward(X_xor, y_xor)
print("slope by W0, by hand:\n", W0_slope)
print("slope by W0, from backward:\n", by_weights[0])
for mine, theirs in zip(
    [W0_slope, W1_slope, b0_slope, b1_slope], [*by_weights, *by_biases], strict=True
):
    assert np.allclose(mine, theirs, rtol=0, atol=1e-15)

stepped_W0 = W0 - 0.5 * W0_slope
tiny.fit(X_xor, y_xor, optimizer=optimizers.SGD(learning_rate=0.5), epochs=1)
print("W0 after one step, by hand:\n", stepped_W0)
print("W0 after one step, by fit:\n", tiny.weights[0])
assert np.allclose(stepped_W0, tiny.weights[0], rtol=0, atol=1e-15)

# %% [markdown]
# ### Never believe a gradient
#
# Both versions could share a mistake. What cannot lie is the loss itself: nudge one
# parameter up and down and see how it changes,
#
# $$\frac{\partial L}{\partial \theta_j} \approx
# \frac{L(\theta + \epsilon e_j) - L(\theta - \epsilon e_j)}{2 \epsilon} .$$
#
# This takes two forward passes for each parameter, so it is a check and no way to train.


# %%
def central_differences(net, X, y, nudge=1e-5):
    """Return the slope of the squared error by each parameter, from forward passes alone."""
    theta, slopes = net.theta.copy(), np.empty(net.theta.size)
    for j in range(theta.size):
        either_way = []
        for sign in (+1, -1):
            net.theta[j] = theta[j] + sign * nudge
            either_way.append(np.mean(losses.squared_error(y[:, None], net.forward(X))))
            net.theta[j] = theta[j]
        slopes[j] = (either_way[0] - either_way[1]) / (2 * nudge)
    return slopes


_, gradient = tiny.loss_and_gradients(X_xor, y_xor)
nudged = central_differences(tiny, X_xor, y_xor)
print("backpropagation     ", gradient.round(8))
print("central differences ", nudged.round(8))
print(f"largest difference   {np.max(np.abs(gradient - nudged)):.0e}")
assert np.allclose(gradient, nudged, rtol=0, atol=1e-10)

# %% [markdown]
# ### What the classic loop gets wrong
#
# The classic notebook walks backward through the layers and, in the same loop, changes each
# layer's weights as soon as it has their slopes. But $\delta_0$ needs $W_1$ **as it was in
# the forward pass**, and by then $W_1$ has moved. What reaches the hidden layers is no
# longer the slope of the loss. The error grows with the learning rate; central differences
# find it at once:


# %%
def backward_while_updating(net, X, y, rate):
    """Return the slopes by the weights as a loop finds them that updates as it goes."""
    inside = net.intermediates(X, y)
    weights = [W.copy() for W in net.weights]
    delta, slopes = inside["delta_z2"], []
    for i in (2, 1, 0):
        below = inside[f"a{i - 1}"] if i > 0 else X
        slopes.insert(0, below.T @ delta)
        weights[i] -= rate * slopes[0]  # too early: the next line needs the old ones
        delta = (delta @ weights[i].T) * below * (1 - below)
    return slopes


def classic_net(seed):
    """Return a network with the settings of the classic notebook."""
    return MLP(
        [2, 10, 5, 1],
        activation="sigmoid",
        output="identity",
        loss="squared_error",
        initializer="normal(0.1)",
        seed=seed,
    )


net = classic_net(seed=np.random.RandomState(42))  # draws the classic notebook's weights
truth = central_differences(net, X, y)[: net.weights[0].size]


def relative_error(slopes):
    return np.linalg.norm(slopes[0].ravel() - truth) / np.linalg.norm(truth)


print("error of the slopes by W0, relative to their size")
print(f"  backpropagation                          {relative_error(net.backward(X, y)[0]):.1e}")
for rate in (0.01, 0.5):
    error = relative_error(backward_while_updating(net, X, y, rate))
    print(f"  updating as it goes, learning rate {rate:<4}  {error:.1e}")
    assert error > 0.01

# %% [markdown]
# At the classic learning rate the slip costs one per cent, and nobody notices: it is not what
# keeps that network from learning. At 0.5 it is two thirds of the gradient. glassnet
# therefore has all slopes before it touches a weight.

# %% [markdown]
# ### The classic network does not learn
#
# Its settings: layers of 2, 10, 5 and 1 units, sigmoid inside and nothing at the output,
# weights drawn from $0.1 \cdot N(0, 1)$, squared error, learning rate 0.01, all 200 points in
# each of 1,000 steps. The same initial weights, too. (The loss below has a half in it: twice
# that is the mean squared error.)

# %%
net = classic_net(seed=np.random.RandomState(42))
net.fit(X, y, optimizer=optimizers.SGD(0.01), epochs=1000, verbose=100)

labels = net.predict(X, threshold=0.5)
print(f"\nmean squared error   {np.mean((net.forward(X)[:, 0] - y) ** 2):.4f}")
print(f"training accuracy    {np.mean(labels == y):.3f}")
assert np.mean(labels == y) == 0.355

plots.decision_boundary(net, X, y)
plt.show()

# %% [markdown]
# After the first hundred steps nothing happens. And 0.25 is no accident: half of the points
# are 1, so whoever answers 0.5 to everything has a mean squared error of exactly
# $0.5^2 = 0.25$. That is what the network does: the picture is white, 0.5, everywhere. The
# line cuts a ripple in the fourth decimal, and that it scores *below* one half means nothing.
#
# **Why?** Look at what flows through the untrained network. Forward: how far do the 200
# points still differ behind each layer? Backward: how large is the slope by its weights?


# %%
def flow(net):
    """Print how much of the signal passes forward, and how much of the gradient back."""
    inside, (by_weights, _) = net.intermediates(X, y), net.backward(X, y)
    behind = [inside["a0"], inside["a1"], inside["output"]]
    print("              outputs vary by   slope by weights")
    print(f"  the data    {X.std(axis=0).mean():15.5f}")
    for i, (outputs, slopes) in enumerate(zip(behind, by_weights, strict=True)):
        spread, size = outputs.std(axis=0).mean(), np.linalg.norm(slopes)
        print(f"  layer {i}     {spread:15.5f}   {size:16.5f}")


print("before training")
flow(classic_net(seed=np.random.RandomState(42)))
print("\nafter 1,000 steps")
flow(net)
print(f"\noutputs now lie between {net.forward(X).min():.5f} and {net.forward(X).max():.5f}")

# %% [markdown]
# Around zero the sigmoid is $\sigma(z) \approx \tfrac12 + \tfrac14 z$. With weights of about
# 0.1, a layer multiplies every difference between two points by roughly
# $\tfrac14 \cdot 0.1 \cdot \sqrt{\text{inputs}}$, less than a tenth. Behind two of them all
# points look the same, and the best answer to points that look the same is their mean.
#
# The slopes shrink the same way going back: by each layer with $\delta W^{\top}$ (small) and
# with $\sigma' \le \tfrac14$. The first layer's slope is 180 times smaller than the last
# one's. So the output bias learns 0.5 within a hundred steps. With that the error is zero on
# average, and the last slope vanishes as well. This is the **vanishing gradient**, on a
# network of three layers.
#
# Is it only slow? Five times the patience:

# %%
net.fit(X, y, optimizer=optimizers.SGD(0.01), epochs=4_000)
print(f"after 5,000 steps: mean squared error {2 * net.history.loss[-1]:.4f}, ", end="")
print(f"training accuracy {np.mean(net.predict(X, threshold=0.5) == y):.3f}")

# %% [markdown]
# The ripple now runs the right way, so the accuracy jumps to what a straight line can do. The
# error has hardly moved: the network is no surer of anything than it was.
#
# ### The cure, one change at a time
#
# The same layers, the same 200 points, the same 1,000 full-batch steps. Each change stays
# for those after it.
#
# 1. **Glorot's initial weights.** Variance $2 / (n_\text{in} + n_\text{out})$ in place of
#    $0.01$: a layer then neither shrinks nor blows up what passes through it, either way.
# 2. **Cross-entropy behind a sigmoid output.** The targets are classes, so let the output be
#    a probability $p = \sigma(z)$ and the loss $-y \log p - (1 - y) \log(1 - p)$. Its slope by
#    $z$ is $p - y$: a confident mistake pulls with full strength and a right answer lets go.
#    Squared error keeps pulling at points beyond their target, though they are right.
# 3. **tanh inside.** Its slope at zero is 1, not $\tfrac14$, and its values are centred on
#    zero, so the next layer does not have to undo a common offset of $\tfrac12$.
# 4. **Learning rate 0.5.** The slopes now have a healthy size and allow steps fifty times as
#    long.
#
# One run can be luck. Eight seeds each:


# %%
classic = {
    "activation": "sigmoid",
    "output": "identity",
    "loss": "squared_error",
    "initializer": "normal(0.1)",
    "optimizer": optimizers.SGD(0.01),
}
changes = {
    "classic settings": {},
    "+ Glorot": {"initializer": "glorot_uniform"},
    "+ cross-entropy": {"output": "sigmoid", "loss": "binary_cross_entropy"},
    "+ tanh": {"activation": "tanh"},
    "+ rate 0.5": {"optimizer": optimizers.SGD(0.5)},
}


def train(seed, optimizer, **settings):
    """Return the slopes' ratio, first layer to last, at the start; and the trained network."""
    net = MLP([2, 10, 5, 1], seed=seed, **settings)
    slopes = [np.linalg.norm(slope) for slope in net.backward(X, y)[0]]
    return slopes[0] / slopes[-1], net.fit(X, y, optimizer=optimizer, epochs=1000)


def accuracy(net, X, y):
    """Return the share of right answers, an output above one half meaning class 1."""
    return np.mean(net.predict(X, threshold=0.5) == y)


def report(name, settings, seeds=range(8)):
    """Train with each seed, print a line, and return the networks."""
    ratios, nets = zip(*[train(seed, **settings) for seed in seeds], strict=True)
    old = [accuracy(net, X, y) for net in nets]
    new = [accuracy(net, X_new, y_new) for net in nets]
    print(f"{name:24}{np.median(ratios):14.3f}{np.mean(old):11.3f}", end="")
    print(f"{np.mean(new):14.3f}{np.min(new):8.3f}{np.max(new):8.3f}")
    return nets


heading = (
    "                          first / last   training   new points:   worst    best\n"
    "                          slope, start   accuracy          mean    seed    seed"
)
print(heading)

settings, cured = dict(classic), {}
for name, change in changes.items():
    settings = settings | change
    cured[name] = report(name, settings)

assert min(accuracy(net, X_new, y_new) for net in cured["+ rate 0.5"]) >= 0.99

# %% [markdown]
# The first column is what the first three changes are for: the first layer used to hear less
# than a hundredth of what the last one hears, and now it hears as much. In *accuracy* the
# first two gain nothing that one could tell from luck; look at the range of their seeds. A
# learning rate of 0.01 is too short a step even for a healthy gradient. Only with the fourth
# change do all seeds arrive. (The first of the eight, and its accuracy on new points:)

# %%
with plots.style():
    fig, axes = plt.subplots(2, 3, figsize=(10, 6.2), layout="constrained")
    for ax, (name, nets) in zip(axes.flat, cured.items(), strict=False):
        title = f"{name}: {accuracy(nets[0], X_new, y_new):.3f}"
        plots.decision_boundary(
            nets[0], X, y, ax=ax, resolution=150, colorbar=False, legend=False, title=title
        )
        ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
    ax = axes[1, 2]
    for i, nets in enumerate(cured.values()):
        scores = [accuracy(net, X_new, y_new) for net in nets]
        ax.plot([i] * len(scores), scores, "o", color="0.2", alpha=0.5)
    ax.set(xlabel="changes made", ylim=(0.4, 1.03))
    ax.set_title("all eight seeds", fontsize=10.5)
    plt.show()

# %% [markdown]
# Were all four needed? Take one of them away from the cured network and keep the others
# (four seeds each; without the learning rate it is the line "+ tanh" above):

# %%
print(heading)
full = settings
for name in ("+ Glorot", "+ cross-entropy", "+ tanh"):
    undone = {key: classic[key] for key in changes[name]}
    report("all but " + name.removeprefix("+ "), full | undone, seeds=range(4))

# %% [markdown]
# Without tanh the network stays near the straight line. With small initial weights it is a
# matter of luck. Cross-entropy matters least on this problem, where no label is wrong, but
# without it not every seed gets to 99 %.
#
# And a better optimizer? Adam gives every weight its own step length (eight seeds of the
# classic network, four of the cured one):

# %%
print(heading)
adam = {"optimizer": optimizers.Adam(0.03)}
report("classic, Adam(0.03)", classic | adam)
on_adam = report("cured, Adam(0.03)", full | adam, seeds=range(4))
assert min(accuracy(net, X_new, y_new) for net in on_adam) >= 0.99

# %% [markdown]
# It makes up for most of the classic network's faults, but not for every seed: a better
# optimizer does not replace a sound start. On the cured network it needs no luck.
#
# *Try:* `MLP([2, 10, 5, 1], loss="binary_cross_entropy", activation="tanh")` chooses
# Glorot's weights and the sigmoid output by itself. What does `initializer="zeros"` do, and
# why can no number of steps repair it?

# %% [markdown]
# ## Activation Functions
#
# $\varphi$ decides what a unit passes on, and its slope what it lets back. The six that every
# course begins with, $a = \varphi(z)$:
#
# | name | $\varphi(z)$ | slope |
# |---|---|---|
# | sigmoid | $1 / (1 + e^{-z})$ | $a (1 - a)$, at most $\tfrac14$ |
# | tanh | $(e^z - e^{-z}) / (e^z + e^{-z})$ | $1 - a^2$, at most 1 |
# | ReLU | $\max(0, z)$ | 0 or 1 |
# | leaky ReLU | $z$ for $z > 0$, else $0.01\, z$ | 1 or 0.01 |
# | ELU | $z$ for $z > 0$, else $e^z - 1$ | 1 or $e^z$ |
# | Swish | $z\, \sigma(z)$ | $\sigma(z) + a\,(1 - \sigma(z))$ |

# %%
plots.activations(slopes=True)
plt.show()

# %% [markdown]
# ### Why a network needs them
#
# Without $\varphi$ there is nothing between two matrix products, and they collapse into one:
#
# $$(X W_0 + b_0)\, W_1 + b_1 = X\, (W_0 W_1) + (b_0 W_1 + b_1) .$$
#
# However deep, it remains one layer, and its boundary a straight line.

# %%
linear = MLP([2, 10, 5, 1], activation="identity", loss="binary_cross_entropy", seed=0)
linear.fit(X, y, optimizer=optimizers.Adam(0.03), epochs=300)

W, b = np.eye(2), np.zeros(2)
for weights, biases in zip(linear.weights, linear.biases, strict=True):
    W, b = W @ weights, b @ weights + biases
one_layer = activations.sigmoid(X_new @ W + b)

print(f"parameters: {linear.theta.size} in three layers, {W.size + b.size} in one")
print(f"outputs differ by {np.max(np.abs(one_layer - linear.forward(X_new))):.0e} at most")
print(f"accuracy on new points: {accuracy(linear, X_new, y_new):.3f}")
assert np.allclose(one_layer, linear.forward(X_new), rtol=0, atol=1e-12)

plots.decision_boundary(linear, X, y)
plt.show()

# %% [markdown]
# ### Which one?
#
# Two measurements. How much of the gradient is left in front of ten hidden layers (slope of
# the first layer over slope of the last, root mean square, each with the initial weights
# that suit it)? And how does the moons network do with each, in 300 steps of Adam, over
# five seeds? (A unit is dead if no sample gives it any slope.)

# %%
print(f"{'':12}{'gradient left':>15}{'new points: mean':>19}{'worst seed':>12}", end="")
print(f"{'its dead units':>17}")
deep_sizes = [2] + [16] * 10 + [1]
for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish"):
    deep = MLP(deep_sizes, activation=name, loss="binary_cross_entropy", seed=0)
    first, *_, last = (np.sqrt(np.mean(slopes**2)) for slopes in deep.backward(X, y)[0])

    nets = [
        MLP([2, 10, 5, 1], activation=name, loss="binary_cross_entropy", seed=seed)
        for seed in range(5)
    ]
    for net in nets:
        net.fit(X, y, optimizer=optimizers.Adam(0.03), epochs=300)
    scores = [accuracy(net, X_new, y_new) for net in nets]
    inside = nets[np.argmin(scores)].intermediates(X, y)
    dead = sum(np.sum(np.all(inside[f"delta_z{i}"] == 0, axis=0)) for i in (0, 1))
    print(
        f"{name:12}{first / last:15.6f}{np.mean(scores):19.3f}{np.min(scores):12.3f}{dead:17}"
    )

# %% [markdown]
# Ten sigmoid layers pass on a few millionths of the gradient; all others pass on a good part
# of it. On the small network all six work, the sigmoid too, now that its start is right. The
# exception is a ReLU seed: such a unit has slope 0 wherever it is off, and one that is off
# for every sample gets no slope to come back by. Here three of the five in the last hidden
# layer died. The leaky form, ELU and Swish keep a slope there.

# %% [markdown]
# ## Gradient Descent Variants
#
# The gradient says which way is down. How far to go, and what to remember of earlier
# gradients, is the optimizer's business. With $g$ the gradient at $\theta$:
#
# $$\begin{aligned}
# \text{SGD} &\qquad \theta \leftarrow \theta - \eta\, g \\
# \text{momentum} &\qquad v \leftarrow \mu v + \eta\, g, \qquad \theta \leftarrow \theta - v \\
# \text{Adam} &\qquad m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad
# v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2, \qquad
# \theta \leftarrow \theta - \eta\,
# \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}
# \end{aligned}$$
#
# Momentum keeps a velocity. Adam keeps a running mean $m$ of the gradient and another, $v$,
# of its square, and divides one by the root of the other. Both begin at zero and are too
# small at first; the divisions by $1 - \beta^t$ put that right, with $t = 1, 2, 3, \dots$ the
# number of the update.

# %%
show(update_rules.sgd_step, update_rules.momentum_step, update_rules.adam_step)

# %% [markdown]
# ### The classic race, as it was run
#
# Down $f(x, y) = x^2 + y^2$ from $(3, 2)$ in 50 steps, each runner with learning rate 0.1.

# %%
bowl = landscapes.bowl
runners = [optimizers.SGD(0.1), optimizers.Momentum(0.1), optimizers.Adam(0.1)]
paths = {
    type(runner).__name__: runner.minimize(bowl.fun, bowl.grad, start=(3.0, 2.0), steps=50)
    for runner in runners
}
print(f"{'':10}{'first step to':>20}{'after 50 steps, f =':>22}")
for name, path in paths.items():
    print(f"{name:10}{path[1].round(4)!s:>20}{bowl.fun(path[-1]):22.2e}")

plots.optimizer_race(bowl, runners, rates=None, steps=50)
plt.show()

# %% [markdown]
# SGD wins by more than six orders of magnitude; momentum swings back and forth through the
# goal; Adam creeps. So are momentum and Adam no good? The race cannot tell, for three reasons.
#
# **One learning rate is not one handicap.** For SGD, 0.1 multiplies the gradient. A velocity
# that keeps 0.9 of itself adds up to ten times that. And Adam divides the gradient's size
# out: its steps are about 0.1 in each coordinate, whatever the slope, and the goal is 3.6
# away.
#
# **The bowl is no race course.** It curves the same way in all directions, so the gradient
# points at the goal. SGD with learning rate 0.5 is there after a single step, and nothing can
# beat that:

# %%
one_step = optimizers.SGD(0.5).minimize(bowl.fun, bowl.grad, start=(3.0, 2.0), steps=1)
print("SGD, learning rate 0.5:", one_step[0], "->", one_step[1])
assert np.array_equal(one_step[1], [0.0, 0.0])

# %% [markdown]
# **And that Adam was not Adam.** The one above is glassnet's. The classic notebook's counts
# its time step in each call, and it is called once for each *name*: x is corrected with
# $t = 1, 3, 5, \dots$ and y with $t = 2, 4, 6, \dots$. At the first update both means hold one
# gradient, and the corrections should cancel down to a step of exactly $\eta$ per
# coordinate. Do what that notebook does, and only the first name gets it:


# %%
def adam_by_name(adam, start, steps, names):
    """Return the path of Adam where each name's call moves the one clock on."""
    theta, path, t = np.array(start), [start], 0
    memory = [adam.start(theta[k : k + 1]) for k in range(names)]
    for _ in range(steps):
        slopes = 2 * theta  # of x² + y²
        for k in range(names):
            t += 1
            adam.step(theta[k : k + 1], slopes[k : k + 1], memory[k], t)
        path.append(theta.copy())
    return np.array(path)


adam = optimizers.Adam(0.1)
right = adam.minimize(bowl.fun, bowl.grad, start=(3.0, 2.0), steps=50)
faulty = adam_by_name(adam, (3.0, 2.0), steps=50, names=2)

print("step    one clock for all     a tick for each name")
for t in (1, 2, 3, 10, 50):
    print(f"{t:4}    {right[t].round(4)!s:18}    {faulty[t].round(4)!s:18}")

first_steps = 3.0 - adam_by_name(adam, [3.0] * 1000, steps=1, names=1000)[1]
print("\nlength of the first step, which should be 0.1, with a thousand names")
for k in (1, 2, 6, 100, 1000):
    print(f"  name {k:<4}  {first_steps[k - 1]:.4f}")
assert np.allclose(right[1], [2.9, 1.9])
assert np.isclose(first_steps[0], 0.1)
assert np.isclose(first_steps[1], 0.1 * np.sqrt(1.999) / 1.9)

# %% [markdown]
# The second name starts with a step a quarter too short, the sixth (the 2-10-5-1 network has
# six weight matrices and bias vectors) with one of half the length, and a thousandth would
# start with one two and a half times too long. glassnet updates all parameters as one vector,
# so there is one $t$ and the fault has no place to live.
#
# A smaller trap: the classic notebook calls the mean of the gradient `v` and the mean of its
# square `m`. Everyone else, from the paper on, has them the other way round, and a reader who
# swaps $\beta_1 = 0.9$ and $\beta_2 = 0.999$ along with the names has another optimizer.
# After one step from $(3, 2)$, where $g = (6, 4)$:

# %%
theta = np.array([3.0, 2.0])
memory = adam.start(theta)
adam.step(theta, bowl.grad(theta), memory, t=1)
print("m, a tenth of the gradient:             ", memory["m"])
print("v, a thousandth of the gradient squared:", memory["v"])

# %% [markdown]
# ### A fair race
#
# A long valley, $f(x, y) = \tfrac12 (x^2 + 50 y^2)$, curves fifty times more across than along.
# Does the loss of a network look like that? Its curvatures are the eigenvalues of the matrix
# of second derivatives, here taken from differences of the gradient:


# %%
def curvatures(net, nudge=1e-5):
    """Return the curvatures of the loss at the network's weights, least first."""
    theta, rows = net.theta.copy(), []
    for j in range(theta.size):
        either_way = []
        for sign in (+1, -1):
            net.theta[j] = theta[j] + sign * nudge
            either_way.append(net.loss_and_gradients(X, y)[1])
            net.theta[j] = theta[j]
        rows.append((either_way[0] - either_way[1]) / (2 * nudge))
    return np.linalg.eigvalsh((np.array(rows) + np.transpose(rows)) / 2)


found = curvatures(cured["+ rate 0.5"][0])
flat = np.sum(np.abs(found) < found[-1] / 50)
print(f"largest curvature of the trained network: {found[-1]:.2f}")
print(f"of {len(found)} directions, {flat} curve less than a fiftieth of that")
assert flat > len(found) / 2

# %% [markdown]
# It is a valley in almost all directions. So race there, and let every runner have the best
# learning rate of one common grid, for the same number of steps:

# %%
plots.optimizer_race(landscapes.ill_conditioned, ["sgd", "momentum", "adam"], steps=100)
plt.show()

# %% [markdown]
# SGD drops to the floor of the valley and then crawls along it: a longer step would throw it
# up the steep sides. Momentum gathers speed along the floor, Adam stretches the valley into
# something rounder, and both leave SGD behind.
#
# On a quadratic one can calculate what to expect. With curvatures between 1 and
# $\kappa = 50$, SGD diverges from the learning rate $2 / \kappa$ on, and does best at
# $2 / (1 + \kappa)$. Its distance to the goal then shrinks in each step by the factor
#
# $$\frac{\kappa - 1}{\kappa + 1} = \frac{49}{51} \approx 0.961, \qquad
# \text{with the best momentum, in the end, by} \qquad
# \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \approx 0.752 .$$

# %%
valley, kappa = landscapes.ill_conditioned, 50.0
root = np.sqrt(kappa)
best = {
    "SGD": optimizers.SGD(2 / (1 + kappa)),
    "momentum": optimizers.Momentum(
        4 / (1 + root) ** 2, momentum=((root - 1) / (root + 1)) ** 2
    ),
}
expected = {"SGD": (kappa - 1) / (kappa + 1), "momentum": (root - 1) / (root + 1)}
for name, runner in best.items():
    path = runner.minimize(valley.fun, valley.grad, start=valley.start, steps=400)
    distance = np.linalg.norm(path, axis=1)
    per_step = (distance[100] / distance[60]) ** (1 / 40)
    arrived = int(np.argmax(distance < 1e-6 * distance[0]))
    print(f"{name:10}{per_step:.3f} per step, calculated {expected[name]:.3f};", end="")
    print(f"   {arrived:3} steps to a millionth of the way")
    assert abs(per_step - expected[name]) < 0.02

# %% [markdown]
# ### And on a network
#
# The cured network again: steps until its loss is below 0.05, a dash where 400 were not
# enough.

# %%
rates = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
print("learning rate" + "".join(f"{rate:>8g}" for rate in rates))
for rule in (optimizers.SGD, optimizers.Momentum, optimizers.Adam):
    line = f"{rule.__name__:13}"
    for rate in rates:
        net = MLP([2, 10, 5, 1], activation="tanh", loss="binary_cross_entropy", seed=0)
        net.fit(X, y, optimizer=rule(rate), epochs=400)
        below = np.flatnonzero(np.array(net.history.loss) < 0.05)
        line += f"{below[0] if len(below) else '-':>8}"
    print(line)

# %% [markdown]
# Each rule needs its own learning rate, Adam a far smaller one than SGD. Each at its best,
# momentum and Adam are both well ahead of SGD. Which of the two is ahead of the other depends
# on the problem and on the rates one has tried, and a race that does not say which rates it
# tried says nothing.

# %% [markdown]
# ## Key Takeaways
#
# Five sentences, and under each a cell that fails if it is not so.
#
# **1. A perceptron can only learn a straight boundary.** On exclusive or, no line gets more
# than three of four right: not the one it found, nor the best of 100,000 random ones.

# %%
rng = np.random.default_rng(0)
lines, offsets = rng.normal(size=(2, 100_000)), rng.normal(size=100_000)
best_line = np.max(np.mean((X_xor @ lines + offsets >= 0) == y_xor[:, None], axis=0))

print(f"exclusive or: perceptron {on_xor.score(X_xor, y_xor):.2f}, best line {best_line:.2f}")
print(f"moons: perceptron {on_moons.score(X_new, y_new):.3f} on new points")
assert on_xor.score(X_xor, y_xor) <= 0.75
assert best_line == 0.75
assert on_moons.score(X_new, y_new) < 0.9
assert min(on_xor.mistakes_) >= 1
assert min(on_moons.mistakes_) >= 1

# %% [markdown]
# **2. Hidden layers bend the boundary.** The same two problems, learnt by a network with
# hidden layers.

# %%
bent = MLP([2, 8, 1], activation="tanh", loss="binary_cross_entropy", seed=0)
bent.fit(X_xor, y_xor, optimizer=optimizers.Adam(0.05), epochs=200)
worst = min(accuracy(net, X_new, y_new) for net in cured["+ rate 0.5"])

print(f"exclusive or: {bent.predict(X_xor)} for {y_xor}")
print(f"moons: {worst:.3f} on new points, the worst of eight seeds")
assert np.array_equal(bent.predict(X_xor), y_xor)
assert worst >= 0.99

plots.decision_boundary(cured["+ rate 0.5"][0], X_new, y_new)
plt.show()

# %% [markdown]
# **3. It is the activation function that bends it.** Three layers without one are a single
# layer, down to the rounding, and do no better than a line. The same layers with tanh do.

# %%
collapse = np.max(np.abs(one_layer - linear.forward(X_new)))
print(f"three linear layers and one: outputs differ by {collapse:.0e}")
print(f"moons: {accuracy(linear, X_new, y_new):.3f} without, {worst:.3f} with tanh")
assert collapse < 1e-12
assert accuracy(linear, X_new, y_new) < 0.9 < worst

# %% [markdown]
# **4. Backpropagation gives the exact gradient for the price of one backward pass.**
# Central differences agree, and need two forward passes for each parameter.

# %%
net = classic_net(seed=0)
forward_passes, forward = 0, net.forward


def counted(X):
    global forward_passes
    forward_passes += 1
    return forward(X)


net.forward = counted
nudged = central_differences(net, X, y)
_, gradient = net.loss_and_gradients(X, y)
error = np.linalg.norm(nudged - gradient) / np.linalg.norm(gradient)

print(f"relative difference: {error:.0e}")
print(f"{net.theta.size} slopes: 1 backward pass, or {forward_passes} forward passes")
assert error < 1e-8
assert forward_passes == 2 * net.theta.size

# %% [markdown]
# **5. The optimizer decides how fast a network learns, and its learning rate whether it
# learns.** In the valley, steps to come below a millionth of the first height. Each rule has
# the best of one grid of learning rates and, where it has a memory, of one grid of memories.


# %%
def steps_needed(optimizer, steps=300):
    """Return the number of steps after which the path stays below a millionth."""
    path = optimizer.minimize(valley.fun, valley.grad, start=valley.start, steps=steps)
    with np.errstate(over="ignore", invalid="ignore"):
        high = ~(valley.value(*path.T) < 1e-6 * valley.fun(path[0]))
    return np.inf if high[-1] else int(np.flatnonzero(high)[-1]) + 1


rates, memories = np.geomspace(0.001, 1.0, 25), (0.5, 0.6, 0.7, 0.8, 0.9)
fewest = {
    "SGD": min(steps_needed(optimizers.SGD(rate)) for rate in rates),
    "Momentum": min(
        steps_needed(optimizers.Momentum(rate, momentum=memory))
        for rate in rates
        for memory in memories
    ),
    "Adam": min(
        steps_needed(optimizers.Adam(rate, beta1=memory))
        for rate in rates
        for memory in memories
    ),
}
too_fast = steps_needed(optimizers.SGD(1.1 * 2 / kappa))

print(fewest)
print(
    "SGD with a learning rate a tenth above 2 / 50:",
    "never" if too_fast == np.inf else too_fast,
)
assert fewest["Momentum"] < fewest["SGD"] / 3
assert fewest["Adam"] < fewest["SGD"] / 3
assert too_fast == np.inf

# %% [markdown]
# ### Sources
#
# - Rosenblatt (1958), "The Perceptron", *Psychological Review* 65(6): the learning rule.
# - Novikoff (1962), "On Convergence Proofs on Perceptrons": the bound on its mistakes.
# - Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating
#   errors", *Nature* 323.
# - Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural
#   networks", AISTATS: vanishing signals, and the initial weights against them.
# - Polyak (1964), "Some methods of speeding up the convergence of iteration methods": momentum,
#   and its rate on a quadratic.
# - Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", ICLR.
