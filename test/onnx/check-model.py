"""Checks ONNX models, given as files, with ONNX's own checker and shape inference (PyPI onnx 1.15 or newer)."""

import sys

import onnx

for path in sys.argv[1:]:
    onnx.checker.check_model(path, full_check=True)
    print("ok", path)
