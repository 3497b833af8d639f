"""What PyPI's tritonclient[http] sees of a model server; prints OK when all of it is right.

Run with: python ask_with_tritonclient.py <host:port> <expected.json>   (the models echo and tabular-1 must be served)
"""

import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

address, expected_file = sys.argv[1:]
expected = json.load(open(expected_file))
client = http.InferenceServerClient(address, concurrency=4)

assert client.is_server_live() and client.is_server_ready()
assert client.get_server_metadata()["name"] == "trainyard"
assert client.is_model_ready("tabular-1") and client.is_model_ready("tabular-1", "1")
assert not client.is_model_ready("none") and not client.is_model_ready("tabular-1", "2")
metadata = client.get_model_metadata("tabular-1")
assert metadata["versions"] == ["1"], metadata
assert [(i["name"], i["datatype"]) for i in metadata["inputs"]] == [("carrier", "BYTES"), ("distance", "FP32"), ("hour", "INT64")]


def tensors(arrays, binary):
    inputs = []
    for name, (datatype, array) in arrays.items():
        inputs.append(http.InferInput(name, list(array.shape), datatype))
        inputs[-1].set_data_from_numpy(array, binary_data=binary)
    return inputs


rows = expected["rows"]
tabular = {
    "carrier": ("BYTES", np.array([[(r["carrier"] or "").encode()] for r in rows], np.object_)),
    "distance": ("FP32", np.array([[np.nan if r["distance"] is None else r["distance"]] for r in rows], np.float32)),
    "hour": ("INT64", np.array([[r["hour"]] for r in rows], np.int64)),
}
for binary_output in [True, False]:
    asked = [http.InferRequestedOutput("late", binary_data=binary_output)]
    result = client.infer("tabular-1", tensors(tabular, True), outputs=asked, model_version="1", request_id="r-1")
    np.testing.assert_allclose(result.as_numpy("late").ravel(), expected["late"]["tabular-1"], atol=1e-6)
    assert result.get_response()["id"] == "r-1"

kinds = {"bool": np.bool_, "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64, "int8": np.int8,
         "int16": np.int16, "int32": np.int32, "int64": np.int64, "fp32": np.float32, "fp64": np.float64}
arrays = {}
for name, kind in kinds.items():
    ends = [0, 1] if kind == np.bool_ else [np.finfo(kind).min, np.finfo(kind).max] if name[0] == "f" else [np.iinfo(kind).min, np.iinfo(kind).max]
    arrays[name] = (name.upper(), np.array([[ends[0]], [ends[1]]], kind))
arrays["bytes"] = ("BYTES", np.array([["é".encode()], [b""]], np.object_))
for binary in [True, False]:
    result = client.infer("echo", tensors(arrays, binary), outputs=[http.InferRequestedOutput(f"{n}_out", binary_data=binary) for n in arrays])
    for name, (_, array) in arrays.items():
        got = result.as_numpy(f"{name}_out")
        if name == "bytes":
            got = np.array([[x if isinstance(x, bytes) else x.encode()] for x in got.ravel()], np.object_)
        np.testing.assert_array_equal(got, array, name)

try:
    client.infer("tabular-1", tensors({**tabular, "hour": ("INT32", np.zeros((4, 1), np.int32))}, True))
    raise AssertionError("a wrong datatype was taken")
except InferenceServerException as error:
    assert "input hour is INT64" in str(error), error
waiting = [client.async_infer("tabular-1", tensors(tabular, True)) for _ in range(20)]
for one in waiting:
    np.testing.assert_allclose(one.get_result().as_numpy("late").ravel(), expected["late"]["tabular-1"], atol=1e-6)
print("OK")
