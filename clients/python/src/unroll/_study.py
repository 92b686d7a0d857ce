"""Ask and tell: a search whose trials are run here, by any code."""

import json
import math
import platform
import time
import uuid

from ._client import Sweep, _quoted

_LONGEST_WAIT = 20


def _number(value):
    """A value for JSON, which has none that is not finite."""
    value = float(value)
    return value if math.isfinite(value) else None


def _told(metrics):
    return {name: _number(value) for name, value in (metrics or {}).items()}


class Study(Sweep):
    """A sweep whose trials are run by whoever asks for them. `for trial in study` asks until none is left."""

    def ask(self, lease="1h", timeout=None):
        """The next trial, or None once the study has no more. `lease`: how long the trial may go without a report before it is given to
        another, in seconds or as "90s", "2h". `timeout`: seconds after which TimeoutError is raised; default: waits for a paused study
        and for the trials of others."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LONGEST_WAIT if deadline is None else max(0.0, min(_LONGEST_WAIT, deadline - time.monotonic()))
            body = {"lease": lease, "wait": left, "host": platform.node() or "unknown"}
            started = time.monotonic()
            answer = self._client._post(f"{self._path}/ask", body)
            if answer["trial"] is not None:
                return AskedTrial(self._client, answer["trial"], lease)
            if answer["isOver"]:
                return None
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"study {self.id} is {answer['state']} and had no trial for {timeout} s")
            # A paused study answers at once.
            time.sleep(max(0.0, min(1.0, left - (time.monotonic() - started))))

    def __iter__(self):
        while (trial := self.ask()) is not None:
            yield trial

    def tell(self, trial, value=None, curve=None, metrics=None):
        """Ends a trial, by itself or its id, with its value, or with all values of its curve."""
        if isinstance(trial, AskedTrial):
            return trial.tell(value, curve=curve, metrics=metrics)
        return _tell(self._client, trial, None, value, curve, metrics)


def _tell(client, id, attempt, value, curve, metrics, failed=None):
    body = {"metrics": _told(metrics)}
    if attempt is not None:
        body["attempt"] = attempt
    if value is not None:
        body["value"] = _number(value)
    if curve is not None:
        body["curve"] = [_number(each) for each in curve]
    if failed is not None:
        body.update(state="failed", message=str(failed)[:2000])
    # Telling the same attempt twice changes nothing, so it is sent again after a broken connection.
    return client._post(f"/v1/trials/{_quoted(id)}/tell", body, repeatable=attempt is not None)


class AskedTrial:
    """A trial to run here. Attributes: id, number, seed, steps, parameters; `trial["lr"]` is a parameter."""

    def __init__(self, client, asked, lease):
        self._client, self._lease = client, lease
        self.id, self.attempt, self.number = asked["id"], asked["attempt"], asked["number"]
        self.seed, self.steps, self.parameters = asked["seed"], asked["steps"], asked["parameters"]
        self._step = 0
        self.stopped = None
        """Why the study has ended the trial; None while it goes on."""

    def __getitem__(self, name):
        return self.parameters[name]

    def __repr__(self):
        return f"AskedTrial({self.id}, {self.parameters})"

    def report(self, value, step=None, metrics=None):
        """Reports the value after a step, by default the one after the last that was reported; returns whether to stop: the trial is pruned
        then, and ended."""
        step = self._step + 1 if step is None else step
        body = {"step": step, "value": _number(value), "metrics": _told(metrics), "attempt": self.attempt, "lease": self._lease}
        # Taken before it is sent: another thread may report before the answer to this one.
        before, self._step = self._step, step
        try:
            answer = self._client._post(f"/v1/trials/{_quoted(self.id)}/report", body)
        except BaseException:
            # A report that failed is of no step: it is sent again as the same one, which is harmless where only its answer was lost.
            if self._step == step:
                self._step = before
            raise
        self.stopped = answer["why"] if answer["stop"] else None
        return answer["stop"]

    def tell(self, value=None, curve=None, metrics=None):
        """Ends the trial with its value; without one, with what was reported. A value that is not finite says that it diverged. A trial
        that its study has stopped already keeps its result."""
        return _tell(self._client, self.id, self.attempt, value, curve, metrics)

    def fail(self, why="failed"):
        """Ends the trial as failed."""
        return _tell(self._client, self.id, self.attempt, None, None, None, failed=why)


def create(client, space, **options):
    """See `Client.study`."""
    spec = {"space": space, **{key: value for key, value in options.items() if value is not None}}
    trials = spec.pop("trials", None)
    if trials is not None:
        search = spec.get("search") or {}
        spec["search"] = {**(search if isinstance(search, dict) else {"algorithm": search}), "trials": trials}
    headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
    return Study(client, client._call("POST", "/v1/studies", body=json.dumps(spec).encode(), headers=headers))
