"""The peer of the serving bench: FastAPI and ONNX Runtime, tuned as one would in production.

Made by hand: python3 -m venv VENV && VENV/bin/pip install fastapi 'uvicorn[standard]' orjson onnxruntime numpy
Measured with fastapi 0.165.0, pydantic 2.14.3, uvicorn 0.54.0 on uvloop and httptools, onnxruntime 1.31.1, Python 3.11.
The app is what FastAPI's documentation advises: pydantic models of request and answer, the answer serialised by pydantic
itself (ORJSONResponse is deprecated as the slower way). Tuned: uvloop, httptools, no access log, one intra-op thread without
spinning, no thread pool between the handler and the session.
The second route is a lower bound that hardly anybody writes: no validation, no models, orjson by hand.
Run with: python fastapi_server.py <model.onnx> <port> <workers>
"""

import os
import sys
from typing import Literal

import numpy as np
import onnxruntime
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: Literal["FP32"]
    data: list[float]


class InferRequest(BaseModel):
    id: str | None = None
    inputs: list[Tensor]


class InferAnswer(BaseModel):
    model_name: str
    outputs: list[Tensor]


app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
# Workers are processes of their own: what was on the command line reaches them by the environment.
model = os.environ.setdefault("PEER_MODEL", sys.argv[1] if len(sys.argv) > 1 else "")
session = onnxruntime.InferenceSession(model, options)


@app.get("/v2/health/ready")
async def ready():
    return {"ready": True}


@app.post("/v2/models/mlp/infer")
async def infer(request: InferRequest) -> InferAnswer:
    feeds = {tensor.name: np.asarray(tensor.data, np.float32).reshape(tensor.shape) for tensor in request.inputs}
    logits = session.run(None, feeds)[0]
    output = Tensor(name="logits", datatype="FP32", shape=list(logits.shape), data=logits.ravel().tolist())
    return InferAnswer(model_name="mlp", outputs=[output])


@app.post("/v2/models/mlp/infer-unchecked")
async def infer_unchecked(request: Request):
    tensor = orjson.loads(await request.body())["inputs"][0]
    pixels = np.asarray(tensor["data"], np.float32).reshape(tensor["shape"])
    logits = session.run(None, {"pixels": pixels})[0]
    output = {"name": "logits", "datatype": "FP32", "shape": logits.shape, "data": logits.ravel().tolist()}
    return Response(orjson.dumps({"model_name": "mlp", "outputs": [output]}), media_type="application/json")


if __name__ == "__main__":
    folder = os.path.dirname(os.path.abspath(__file__))
    uvicorn.run("fastapi_server:app", app_dir=folder, port=int(sys.argv[2]), workers=int(sys.argv[3]), loop="uvloop",
                http="httptools", log_level="warning", access_log=False)
