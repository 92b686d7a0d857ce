"""The client, its sweeps and its trials."""

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

try:
    import pandas
except ImportError:  # Lists and dictionaries then.
    pandas = None

_ENDED = ("completed", "cancelled", "failed")
_PAGE = 200
_PART = 1 << 20
"""Bytes of an answer that are read at once."""
_SILENCE = 300
"""Seconds without a byte after which a connection counts as broken: more than any answer takes."""


class Refused(Exception):
    """The API refused a request. `status`: of HTTP; `errors`: a dictionary with path and message for each error of a sweep file."""

    def __init__(self, status, detail, errors=()):
        super().__init__(detail)
        self.status = status
        self.errors = list(errors)


class Unreachable(Exception):
    """No API answers at the address, or none is known."""


def _local(folder):
    """Address and key of the stack that runs from a folder; None for what is not there."""
    instance, key = Path(folder, "instance.json"), Path(folder, "key")
    # A stack that is starting has no address yet.
    url = json.loads(instance.read_text()).get("url") if instance.exists() else None
    return url, key.read_text().strip() if key.exists() else None


class Client:
    """A connection to an API. Without arguments: UNROLL_URL and UNROLL_KEY, else the stack that runs from UNROLL_DATA or .unroll."""

    def __init__(self, url=None, key=None):
        local_url, local_key = _local(os.environ.get("UNROLL_DATA", ".unroll"))
        self.url = (url or os.environ.get("UNROLL_URL") or local_url or "").rstrip("/")
        # The key of the folder's stack is for this machine only, wherever UNROLL_URL points.
        host = urllib.parse.urlsplit(self.url).hostname or ""
        is_local = host in ("localhost", "::1") or re.fullmatch(r"127(\.\d+){3}", host) is not None
        self._key = key or os.environ.get("UNROLL_KEY") or (local_key if is_local else None)
        if not self.url:
            raise Unreachable('no Unroll stack is running here: start one with "npx unroll start", or set UNROLL_URL and UNROLL_KEY')

    def submit(self, spec, dry_run=False):
        """Submits a sweep: a dictionary, or the path of a YAML or JSON file. `dry_run`: returns what it would do, and creates nothing."""
        if isinstance(spec, (str, os.PathLike)):
            body, kind = Path(spec).read_bytes(), "application/yaml"
        else:
            body, kind = json.dumps(spec).encode(), "application/json"
        # Sent again after a broken connection, it creates one sweep.
        headers = {"content-type": kind, "idempotency-key": str(uuid.uuid4())}
        answer = self._call("POST", "/v1/sweeps", {"dryRun": "true"} if dry_run else {}, body, headers)
        return answer if dry_run else Sweep(self, answer)

    def sweep(self, id="last"):
        """A sweep by its id, a prefix of it, or "last"."""
        return Sweep(self, self._call("GET", f"/v1/sweeps/{_quoted(id)}"))

    def sweeps(self):
        """All sweeps that are not archived, newest first, read page by page."""
        return (Sweep(self, view) for view in self._pages("/v1/sweeps"))

    def trial(self, id="best"):
        """A trial by its id, a prefix of it, "best", "SWEEP:best" or "last"."""
        return Trial(self, self._call("GET", f"/v1/trials/{_quoted(id)}"))

    def study(self, space, goal=None, name="study", metric=None, steps=None, trials=None, search=None, stopping=None, budget=None, use=None):
        """Creates a study: a search whose trials are run here (`ask`, `report`, `tell`). `space`: values and distributions by name, such as
        {"lr": {"logUniform": [1e-5, 1e-1]}}. `goal`: "minimize" (default) or "maximize". `trials`: how many, 100 by default. `steps`: reports
        of a whole trial, which stopping rules count. The others are as in a sweep file."""
        from ._study import create

        return create(
            self, space, goal=goal, name=name, metric=metric, steps=steps, trials=trials, search=search, stopping=stopping, budget=budget, use=use
        )

    def _post(self, path, body, repeatable=False):
        headers = {"content-type": "application/json", **({"idempotency-key": str(uuid.uuid4())} if repeatable else {})}
        return self._call("POST", path, body=json.dumps(body).encode(), headers=headers)

    def _open(self, method, path, query=None, body=None, headers=None):
        query = urllib.parse.urlencode({k: v for k, v in (query or {}).items() if v is not None}, doseq=True)
        url = f"{self.url}{path}{'?' + query if query else ''}"
        own = {**({"authorization": f"Bearer {self._key}"} if self._key else {}), **(headers or {})}
        request = urllib.request.Request(url, data=body, headers=own, method=method)
        # After a broken connection, a request is sent once more if that does no more than sending it once.
        for again in (method == "GET" or "idempotency-key" in own, False):
            try:
                return urllib.request.urlopen(request, timeout=_SILENCE)
            except urllib.error.HTTPError as error:
                raise _refusal(error) from None
            except (OSError, http.client.HTTPException) as error:
                if not again:
                    raise Unreachable(f"the API at {self.url} is not reachable: {getattr(error, 'reason', error)}") from None

    def _call(self, method, path, query=None, body=None, headers=None):
        text = b"".join(self._parts(method, path, query, body, headers))
        return json.loads(text) if text else None

    def _parts(self, method, path, query=None, body=None, headers=None):
        """An answer, as its bytes arrive. Raises Unreachable for one that breaks off."""
        with self._open(method, path, query, body, headers) as response:
            try:
                while part := response.read(_PART):
                    yield part
                # Read in parts, http.client takes a connection that breaks for the end of an answer.
                if response.length:
                    raise http.client.IncompleteRead(b"", response.length)
            except (OSError, http.client.HTTPException) as error:
                raise Unreachable(f"the answer of the API at {self.url} broke off: {error!r}") from None

    def _pages(self, path, query=None):
        cursor = None
        while True:
            page = self._call("GET", path, {**(query or {}), "limit": _PAGE, "cursor": cursor})
            yield from page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return


def _refusal(error):
    with error:
        text = error.read().decode(errors="replace")
    try:
        problem = json.loads(text)
    except ValueError:
        problem = {}
    return Refused(error.code, problem.get("detail") or text[:200], problem.get("errors", ()))


def _quoted(id):
    return urllib.parse.quote(id, safe="")


class _View:
    """Something of the API, as it was when it was last read: `view` is the answer, and its keys are attributes too."""

    def __init__(self, client, view):
        self._client = client
        self.view = view

    def __getattr__(self, name):
        view = self.__dict__.get("view", {})
        if name in view:
            return view[name]
        raise AttributeError(f"{type(self).__name__} has no {name}; its view has {', '.join(view)}")

    def __repr__(self):
        return f"{type(self).__name__}({self.id}, {self.state})"


class Sweep(_View):
    """A sweep. Attributes: id, name, state, trials counted by state in `view["trials"]`, total, objective, spec, message and so on."""

    def __init__(self, client, view):
        super().__init__(client, view)
        self._path = f"/v1/sweeps/{view['id']}"

    def refresh(self):
        """Reads it again; returns itself."""
        self.view = self._client._call("GET", self._path)
        return self

    def wait(self, timeout=None, every=1.0):
        """Waits until the sweep has ended; returns itself. `timeout`, `every`: seconds. Raises TimeoutError."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.refresh().state not in _ENDED:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"sweep {self.id} is {self.state} after {timeout} s")
            time.sleep(every)
        return self

    def board(self, limit=None, where=()):
        """Its leaderboard, best first, a column for each parameter and metric: a DataFrame, or a list of dictionaries without pandas.
        A parameter or metric with the name of another column is parameters.NAME or metrics.NAME."""
        query = {"format": "jsonl", "limit": limit, "where": list(where)}
        text = b"".join(self._client._parts("GET", f"{self._path}/export", query))
        rows = _flat([json.loads(line) for line in text.splitlines()])
        return rows if pandas is None else pandas.DataFrame(rows)

    def trials(self, state=None):
        """Its trials in the order of their proposal, read page by page. `state`: only those in this state."""
        return (Trial(self._client, view) for view in self._client._pages(f"{self._path}/trials", {"state": state}))

    @property
    def best(self):
        """The trial at the top of its leaderboard. Raises Refused while none has a value."""
        return self._client.trial(f"{self.id}:best")

    def pause(self):
        """Running trials finish; no new ones start."""
        return self._changed("pause")

    def resume(self):
        return self._changed("resume")

    def cancel(self):
        """Stops its running trials."""
        return self._changed("cancel")

    def extend(self, trials):
        """Adds this number of configurations."""
        return self._changed("extend", {"trials": trials})

    def delete(self):
        """Deletes the ended sweep and its trials."""
        self._client._call("DELETE", self._path)

    def _changed(self, verb, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
        self.view = self._client._call("POST", f"{self._path}/{verb}", body=data, headers=headers if data else None)
        return self


# Columns of a leaderboard as CSV, of which a row has no key.
_RESERVED = {"low", "high"}


def _flat(rows):
    """Rows of a leaderboard with their parameters and metrics as columns of their own, none in the place of another: a name is the same
    in each row, whatever one of them lacks."""
    own = _RESERVED.union(*rows) - {"parameters", "metrics"}
    parameters = {name for row in rows for name in row["parameters"]}
    return [_flat_row(row, own, parameters) for row in rows]


def _flat_row(row, own, parameters):
    drawn = {f"parameters.{name}" if name in own else name: value for name, value in row["parameters"].items()}
    told = {
        f"metrics.{name}" if name in own or name in parameters else name: value
        for name, value in row["metrics"].items()
        if name != "value" or row["metric"] != "value"  # Of a study: the column value is that.
    }
    return {**{name: value for name, value in row.items() if name not in ("parameters", "metrics")}, **drawn, **told}


class Trial(_View):
    """A trial. Attributes: id, sweepId, state, parameters, value, metrics, updates, seconds, spec, message and so on."""

    def __init__(self, client, view):
        super().__init__(client, view)
        self._path = f"/v1/trials/{view['id']}"

    def refresh(self):
        """Reads it again; returns itself."""
        self.view = self._client._call("GET", self._path)
        return self

    def curve(self, name=None):
        """A learning curve as values by update, None where one was not finite: a Series, or a dictionary without pandas. Without a
        name, all curves by their names. Raises KeyError for one that it does not have."""
        answer = self._client._call("GET", f"{self._path}/metrics", {"name": name, "maxPoints": 100_000})
        curves = {each["name"]: dict(zip(each["updates"], each["values"])) for each in answer["series"]}
        if pandas is not None:
            curves = {key: pandas.Series(values, name=key) for key, values in curves.items()}
        return curves if name is None else curves[name]

    def model(self, path):
        """Writes its model as safetensors, with PyTorch's names of parameters; returns the path. A file that is there is kept
        unless the whole model has arrived."""
        content = b"".join(self._client._parts("GET", f"{self._path}/model"))
        Path(path).write_bytes(content)
        return path

    def retry(self):
        """Tries a failed or cancelled trial again; returns itself."""
        self.view = self._client._call("POST", f"{self._path}/retry")
        return self
