"""ONNX Runtime: the network as a graph of Gemm, activation and softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.tasks import Task

__all__ = ["predict"]

_NODES = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}


def _graph(task: Task) -> bytes:
    """Return the model, as a file would hold it."""
    nodes, arrays, last = [], [], len(task.weights) - 1
    for i, (W, b) in enumerate(zip(task.weights, task.biases, strict=True)):
        arrays += [numpy_helper.from_array(W, f"W{i}"), numpy_helper.from_array(b, f"b{i}")]
        z = f"a{i + 1}" if i == last else f"z{i}"
        nodes.append(helper.make_node("Gemm", [f"a{i}", f"W{i}", f"b{i}"], [z]))
        if i < last:
            nodes.append(helper.make_node(_NODES[task.case.activation], [z], [f"a{i + 1}"]))
    output = f"a{last + 1}"
    if task.case.loss == "categorical_cross_entropy":
        nodes.append(helper.make_node("Softmax", [output], ["probabilities"]))
        output = "probabilities"
    kind = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}[task.case.dtype]
    ends = [
        helper.make_tensor_value_info(name, kind, ["rows", units])
        for name, units in (("a0", task.case.sizes[0]), (output, task.case.sizes[-1]))
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], arrays)
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    return model.SerializeToString()


def predict(task: Task) -> Callable[[], Any]:
    """Prepare `session.run`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        _graph(task), options, providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, {"a0": task.X})[0]
