"""Run an ONNX network through onnxruntime, which is imported only when the first network is opened."""

import importlib
from pathlib import Path
from typing import Any

from devices.plates.stages import Floats


class Network:
    """One ONNX file with one input, run on `threads` threads of the processor."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        runtime: Any = importlib.import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says of itself."""
        said: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return said

    def run(self, batch: Floats) -> list[Floats]:
        """Return the outputs for `batch`, in the file's order."""
        outputs: list[Floats] = self._session.run(None, {self._input: batch})
        return outputs
