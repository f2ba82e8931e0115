"""What is no data is not saved; what is no model is not loaded."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import (
    MLP,
    MLPClassifier,
    MLPRegressor,
    Perceptron,
    catalog,
    load,
    optimizers,
    save,
)

safetensors = pytest.importorskip("safetensors.numpy")

X = np.random.RandomState(0).randn(12, 2)
NET = MLP([2, 3, 1], "tanh", norm="batch", seed=0)


def own_value(z):
    return 2 * z


def own_slope(z, a):
    return np.full_like(z, 2.0)


class OwnRule(optimizers.SGD):
    name = "own_rule"


def file_of(model, tmp_path):
    path = tmp_path / "model.safetensors"
    save(model, path)
    return path


def opened(path):
    with safetensors.safe_open(path, "numpy") as file:
        texts = file.metadata()
        return texts, {name: file.get_tensor(name) for name in file.keys()}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"solver": OwnRule(0.1)}, "OwnRule"),
        ({"schedule": lambda progress: 1.0}, "lambda"),
        ({"scoring": lambda est, X, y: 0.0}, "lambda"),
        ({"activation": catalog.Activation("own_filed", own_value, own_slope)}, "own_filed"),
    ],
)
def test_what_is_one_s_own_is_refused_by_name(tmp_path, options, named):
    with pytest.raises(TypeError, match=rf"{named}.*pickle or joblib"):
        save(MLPRegressor(**options), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_network_with_a_formula_of_one_s_own_is_refused(tmp_path):
    record = catalog.Activation("own_filed_too", own_value, own_slope)
    net = MLP([2, 3, 1], record)
    with pytest.raises(TypeError, match=r"'own_filed_too'.*pickle"):
        save(net, tmp_path / "model")
    with pytest.raises(TypeError, match=r"'own_filed_too'.*pickle"):
        save(MLPRegressor(activation="own_filed_too"), tmp_path / "model")


def test_other_things_are_refused(tmp_path):
    with pytest.raises(TypeError, match="model must be"):
        save(object(), tmp_path / "model")
    net = Perceptron().fit(X, X[:, 0] > 0)
    net.mine = 1
    with pytest.raises(TypeError, match="mine"):
        save(net, tmp_path / "model")
    net = MLP([2, 1])
    net.theta[0] = np.nan
    with pytest.raises(ValueError, match="theta must be finite"):
        save(net, tmp_path / "model")


def test_a_failed_write_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = file_of(NET, tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda number: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        save(MLP([2, 1]), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileNotFoundError):
        save(NET, tmp_path / "nowhere" / "model")


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "other"
    with pytest.raises(FileNotFoundError):
        load(path)
    for content in (b"", b"hello", b"\xff" * 100, b"\x80\x04K\x01."):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="cannot be loaded"):
            load(path)
    safetensors.save_file({"a": np.ones(2)}, path)
    with pytest.raises(ValueError, match=r"not one that glassnet.save"):
        load(path)
    texts, tensors = opened(file_of(NET, tmp_path))
    safetensors.save_file(tensors, path, {**texts, "version": "2"})
    with pytest.raises(ValueError, match="must be of version 1; got '2'"):
        load(path)


def set_plan(key, value):
    return lambda data, tensors: data["model"]["plan"].update({key: value})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_plan("layer_sizes", [2, 10**9, 1]), "theta must have shape"),
        (set_plan("layer_sizes", [2, "x", 1]), "layer_sizes must"),
        (set_plan("activation", ["nosuch"]), "unknown activation"),
        (set_plan("activation", [3]), "must hold names"),
        (set_plan("loss", "nosuch"), "unknown loss"),
        (set_plan("alpha", float("nan")), "alpha must be"),
        (lambda data, tensors: data.update(kind="os.system"), "kind must be one of"),
        (lambda data, tensors: data.update(more=1), "must hold kind, model, random"),
        (lambda data, tensors: data["model"].update(engine="os"), "engine must"),
        (lambda data, tensors: data["model"].update(random={"random": 7}), "missing"),
        (lambda data, tensors: data["random"][0].update(kind="os"), "unknown kind"),
        (lambda data, tensors: data["random"][0]["state"].update(has_uint32=9), "other parts"),
        (lambda data, tensors: tensors.pop("theta"), "tensor 'theta' is missing"),
        (lambda data, tensors: tensors.update(more=np.ones(1)), "too many: more"),
        (lambda data, tensors: tensors.update(theta=np.ones(3)), "must have shape"),
        (lambda data, tensors: tensors["theta"].fill(np.inf), "theta must be finite"),
        (lambda data, tensors: tensors["buffers"].fill(-1), "running_variance0 must be >= 0"),
        (
            lambda data, tensors: tensors.update(theta=tensors["theta"].astype(np.float16)),
            "must be of",
        ),
    ],
)
def test_a_file_that_was_changed_is_refused(tmp_path, change, words):
    path = file_of(NET, tmp_path)
    texts, tensors = opened(path)
    tensors = {name: array.copy() for name, array in tensors.items()}
    data = json.loads(texts["model"])
    change(data, tensors)
    safetensors.save_file(tensors, path, {**texts, "model": json.dumps(data)})
    with pytest.raises(ValueError, match=words):
        load(path)


def test_json_nested_too_deep_is_refused(tmp_path):
    path = file_of(MLPRegressor(), tmp_path)
    texts, tensors = opened(path)
    deep = "[" * 100_000 + "]" * 100_000
    safetensors.save_file(tensors, path, {**texts, "model": deep})
    with pytest.raises(ValueError, match="cannot be loaded"):
        load(path)
    data = json.loads(texts["model"])
    data["model"]["parameters"]["activation"] = json.loads("[" * 50 + "]" * 50)
    safetensors.save_file(tensors, path, {**texts, "model": json.dumps(data)})
    with pytest.raises(ValueError, match="nested"):
        load(path)


def test_the_place_in_a_buffer_of_random_numbers_stays_within_it(tmp_path):
    path = file_of(MLP([2, 1], seed=np.random.RandomState(0)), tmp_path)
    texts, tensors = opened(path)
    data = json.loads(texts["model"])
    data["random"][0]["state"]["state"]["pos"] = 10**6
    safetensors.save_file(tensors, path, {**texts, "model": json.dumps(data)})
    with pytest.raises(ValueError, match="other parts"):
        load(path)


MODELS = {
    "network": lambda: NET,
    "classifier": lambda: MLPClassifier(3, random_state=0).partial_fit(
        X, np.arange(12) % 3, classes=[0, 1, 2]
    ),
    "perceptron": lambda: Perceptron().fit(X, X[:, 0] > 0),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("which", MODELS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_flipped_and_missing_bytes_give_a_model_or_the_error(tmp_path_factory, which, data):
    path = tmp_path_factory.getbasetemp() / f"fuzzed-{which}"
    if not path.with_suffix(".whole").exists():
        save(MODELS[which](), path.with_suffix(".whole"))
    content = bytearray(path.with_suffix(".whole").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    del content[data.draw(st.sampled_from([len(content), len(content) // 2])) :]
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    path.write_bytes(content)
    try:
        model = load(path)
    except ValueError as error:
        assert "cannot be loaded" in str(error)  # noqa: PT017
    else:
        try:
            model.predict(X)
        except ValueError as error:
            assert "finite" in str(error) or "features" in str(error)  # noqa: PT017


def test_a_folder_that_there_is_not_is_named_as_it_was_given(tmp_path):
    place = tmp_path / "nowhere" / "model.safetensors"
    words = r"^path must lie in a folder that exists; got .*nowhere.model\.safetensors'$"
    with pytest.raises(FileNotFoundError, match=words):
        save(NET, place)
