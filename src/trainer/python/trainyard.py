"""Trainyard's helper for Python trainers: the standard library alone. See docs/trainer-protocol.md.

    import trainyard
    run = trainyard.start()
    step = run.latest.state["step"] if run.latest else 0
    ...
    run.metrics({"loss": loss}, step=step)
    run.save({"step": step}, {"weights.bin": data})
    if run.should_stop: run.stop()
    ...
    run.finish({"loss": loss})
"""

import json
import math
import os
import shutil
import sys
import threading
import time
import traceback

from trainyard_failures import class_of

PROTOCOL = 1
UP, DOWN = 3, 4


class Diverged(Exception):
    """The loss became NaN or infinite. Trainyard does not try the same again."""

    failure_class = "Diverged"


class DataUnavailable(Exception):
    """A source could not be reached; a later attempt may succeed."""

    failure_class = "DataUnavailable"


class Refused(Exception):
    """The worker could not do what the trainer asked for."""

    def __init__(self, answer):
        super().__init__(answer["message"])
        self.failure_class = answer["class"]
        self.evidence = answer["evidence"]


class Stopped(SystemExit):
    """Raised by stop(): the attempt ends here, and the next one goes on from the last checkpoint."""


class Latest:
    """The newest good checkpoint of this stage call."""

    def __init__(self, fields):
        self.state = fields["state"]
        self.seq = fields["seq"]
        self.attempt = fields["attempt"]
        self.numerics = fields["numerics"]
        self.folder = fields["folder"]

    def path(self, name):
        """The path of a file that was saved with it; read-only."""
        return os.path.join(self.folder, name)


class Run:
    """One attempt of a stage; made by start()."""

    def __init__(self, fields):
        self.input = fields["input"]
        self.seed = fields["seed"]
        self.attempt = fields["attempt"]
        self.devices = fields["devices"]
        self.scratch = fields["scratch"]
        self.latest = Latest(fields["latest"]) if "latest" in fields else None
        self.secrets = {name: os.environ[name] for name in fields["secrets"]}
        self.stop_reason = None
        self.rank = int(os.environ.get("RANK", "0"))
        self._lock = threading.Lock()
        self._answers = {}
        self._answered = threading.Condition()
        self._requests = 0
        self._on_its_way = None
        if self.rank == 0:
            self._up = os.fdopen(UP, "w", encoding="utf-8")
            self._send({"type": "hello", "protocol": PROTOCOL})
            threading.Thread(target=self._listen, daemon=True).start()
        if "RANK" in os.environ:
            threading.Thread(target=_watch_parent, daemon=True).start()
        sys.excepthook = self._report

    @property
    def should_stop(self):
        """True once the worker asks the attempt to end: save a checkpoint, then call stop()."""
        return self.stop_reason is not None

    def stop(self):
        """Ends this attempt after a request to stop."""
        self.flush()
        raise Stopped(0)

    def progress(self, done, total=None, unit="steps"):
        """Resets the stall clock and is what people see."""
        self._send({"type": "progress", "done": done, "unit": unit, **({} if total is None else {"total": total})})

    def metrics(self, values, step):
        """Points of curves. A loss that is not finite raises Diverged; other values that are not finite are left out."""
        for name, value in values.items():
            if name.lower().endswith("loss") and not math.isfinite(value):
                raise Diverged(f"{name} is {value} at step {step}")
        finite = {name: float(value) for name, value in values.items() if math.isfinite(value)}
        self._send({"type": "metrics", "step": step, "values": finite})

    def params(self, values):
        """Constants of the attempt: learning rate, rows."""
        self._send({"type": "params", "values": values})

    def note(self, text):
        self._send({"type": "note", "text": text})

    def save(self, state, files=None, numerics=None, durable=False):
        """Takes a snapshot and returns; it is published behind the training. Files are bytes, or paths of files that are done.

        One snapshot is on its way at a time: waits until the one before is durable, and raises what went wrong with it.
        With durable=True waits for this one too.
        """
        if self.rank != 0:
            return
        self.flush()
        folder = os.path.join(self.scratch, f"checkpoint-{self._requests + 1}")
        paths = {}
        try:
            for name, content in (files or {}).items():
                paths[name] = os.path.join(folder, name)
                os.makedirs(os.path.dirname(paths[name]), exist_ok=True)
                if isinstance(content, (bytes, bytearray, memoryview)):
                    with open(paths[name], "wb") as file:
                        file.write(content)
                else:
                    shutil.copyfile(content, paths[name])
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)  # half a snapshot on a full disk
            raise
        request = self._request({"type": "checkpoint", "state": state, "files": paths, "numerics": numerics or {}})
        self._on_its_way = (request, folder)
        if durable:
            self.flush()

    def flush(self):
        """Returns when all that was saved is durable; raises what went wrong. finish() and stop() do so by themselves."""
        if self._on_its_way is None:
            return
        (request, folder), self._on_its_way = self._on_its_way, None
        try:
            self._answer(request)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, path, name=None):
        """Stores a file and returns its ref; with a name it is tracked as an artifact of the run."""
        return self._ask({"type": "put", "path": os.path.abspath(path), **({} if name is None else {"name": name})})

    def get(self, ref):
        """The path of a read-only file with the verified bytes of a ref."""
        return self._ask({"type": "get", "ref": {"sha256": ref["sha256"], "sizeBytes": ref["sizeBytes"]}})

    def finish(self, output):
        """The stage's output; the script should end now."""
        self.flush()
        self._send({"type": "output", "output": output})

    def _send(self, message):
        if self.rank != 0:
            return
        line = json.dumps(message, allow_nan=False) + "\n"
        with self._lock:
            self._up.write(line)
            self._up.flush()

    def _ask(self, message):
        if self.rank != 0:
            raise RuntimeError("only rank 0 speaks to the worker")
        return self._answer(self._request(message))

    def _request(self, message):
        self._requests += 1
        self._send({**message, "id": self._requests})
        return self._requests

    def _answer(self, request):
        with self._answered:
            self._answered.wait_for(lambda: request in self._answers)
            answer = self._answers.pop(request)
        if answer["type"] == "refusal":
            raise Refused(answer)
        return answer["value"]

    def _listen(self):
        with os.fdopen(DOWN, "r", encoding="utf-8") as down:
            for line in down:
                message = json.loads(line)
                if message["type"] == "stop":
                    self.stop_reason = message["reason"]
                else:
                    with self._answered:
                        self._answers[message["id"]] = message
                        self._answered.notify_all()
        os._exit(1)  # the worker is gone

    def _report(self, kind, error, trace):
        traceback.print_exception(kind, error, trace)
        failure = {
            "type": "failure",
            "class": getattr(error, "failure_class", None) or class_of(kind, str(error)),
            "message": str(error) or kind.__name__,
            "stack": "".join(traceback.format_exception(kind, error, trace)),
            "evidence": getattr(error, "evidence", {"exception": f"{kind.__module__}.{kind.__qualname__}"}),
        }
        if self.rank == 0:
            self._send(failure)
        elif failure["class"] != "Failed":
            # Rank 0 will only know that a peer is gone.
            os.write(UP, (json.dumps(failure) + "\n").encode())


def start():
    """Begins the attempt. Call it once, before the work."""
    with open(os.environ["TRAINYARD_START"], encoding="utf-8") as file:
        return Run(json.load(file))


def _watch_parent():
    """torchrun puts its workers into sessions of their own, out of reach of the group's kill: they leave when it is gone."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
