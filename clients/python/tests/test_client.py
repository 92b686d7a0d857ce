"""Against a running stack: UNROLL_DATA names its folder. Run by tests/end-to-end/clients.spec.ts of the repository."""

import json
import os
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import unroll
from unroll import _client

SMALL = {
    "name": "from python",
    "dataset": {"name": "typescript-declarations", "split": {"validation": 4000}},
    "task": "language-model",
    "model": {"cell": {"grid": ["rnn", "gru"]}, "hiddenSize": 8, "embeddingSize": 4},
    "training": {"bptt": 8, "batchSize": 4, "updates": 8, "reportEvery": 4},
    "search": {"trials": 2},
}


def rows(board):
    return board if isinstance(board, list) else board.to_dict("records")


def serve(test, answer):
    """A client of a server of this test: `answer` gets the handler of each request, and its body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self.close_connection = True
            answer(self, body)

        do_GET = do_POST

        def log_message(self, *_):
            pass

        def send(self, status, text, length=None):
            self.send_response(status)
            self.send_header("content-length", str(len(text) if length is None else length))
            self.end_headers()
            self.wfile.write(text)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return unroll.Client(f"http://127.0.0.1:{server.server_port}", "key")


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sweep = unroll.submit(SMALL).wait(timeout=120)

    def test_a_sweep_has_a_board_with_a_column_for_each_parameter_and_metric(self):
        self.assertEqual(self.sweep.state, "completed")
        board = rows(self.sweep.board())
        self.assertEqual([row["rank"] for row in board], [1, 2])
        self.assertEqual({row["model.cell"] for row in board}, {"rnn", "gru"})
        self.assertEqual(board[0]["value"], board[0]["validation.bitsPerToken"])
        self.assertEqual(len(rows(self.sweep.board(limit=1))), 1)
        only = rows(self.sweep.board(where=["model.cell:gru"]))
        self.assertEqual([row["model.cell"] for row in only], ["gru"])
        self.assertIsInstance(self.sweep.board(), list if _client.pandas is None else _client.pandas.DataFrame)

    def test_the_best_trial_has_curves_and_a_model(self):
        best = self.sweep.best
        self.assertEqual(best.id, rows(self.sweep.board())[0]["trialId"])
        curve = best.curve("validation.bitsPerToken")
        self.assertEqual(list(curve.keys()), [4, 8])
        self.assertAlmostEqual(min(dict(curve).values()), best.value)
        self.assertIn("train.loss", best.curve())
        with self.assertRaises(KeyError):
            best.curve("validation.accuracy")
        with tempfile.TemporaryDirectory() as folder:
            path = best.model(os.path.join(folder, "best.safetensors"))
            content = Path(path).read_bytes()
        self.assertIn(b"weight_ih_l0", content)

    def test_pages_are_read_one_after_another(self):
        self.addCleanup(setattr, _client, "_PAGE", _client._PAGE)
        _client._PAGE = 1
        trials = list(self.sweep.trials())
        self.assertEqual([trial.configuration for trial in trials], [0, 1])
        self.assertEqual(list(self.sweep.trials(state="failed")), [])
        self.assertIn(self.sweep.id, [each.id for each in unroll.sweeps()])

    def test_a_file_is_submitted_and_a_dry_run_creates_nothing(self):
        before = [each.id for each in unroll.sweeps()]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "sweep.yaml")
            path.write_text("dataset: typescript-declarations\ntask: language-model\nmodel: {cell: {grid: [rnn, gru]}}\n")
            plan = unroll.submit(path, dry_run=True)
        self.assertEqual(plan["trials"], 2)
        self.assertEqual([each.id for each in unroll.sweeps()], before)

    def test_a_refusal_names_the_key_and_the_fix(self):
        with self.assertRaises(unroll.Refused) as refused:
            unroll.submit({**SMALL, "training": {"lr": 1e-3}})
        self.assertEqual(refused.exception.status, 422)
        self.assertEqual(str(refused.exception), "training.lr: unknown key; did you mean learningRate?")
        self.assertEqual([each["path"] for each in refused.exception.errors], ["training.lr"])
        with self.assertRaises(unroll.Refused) as unknown:
            unroll.trial("nowhere")
        self.assertEqual(unknown.exception.status, 404)

    def test_the_key_of_the_stack_in_a_folder_is_not_sent_to_another_machine(self):
        self.assertIsNotNone(unroll.Client("http://127.0.0.1:1")._key)
        self.assertIsNone(unroll.Client("http://127.0.0.1.example.org")._key)

    def test_a_sweep_is_paused_resumed_cancelled_and_deleted(self):
        training = {**SMALL["training"], "updates": 10_000_000, "learningRate": {"logUniform": [1e-3, 1e-2]}}
        endless = {**SMALL, "training": training}
        sweep = unroll.submit(endless)
        with self.assertRaises(TimeoutError):
            sweep.wait(timeout=0, every=0)
        self.assertEqual(sweep.pause().state, "paused")
        self.assertEqual(sweep.resume().state, "running")
        self.assertEqual(sweep.extend(2).total, 4)
        self.assertEqual(sweep.cancel().state, "cancelled")
        sweep.delete()
        with self.assertRaises(unroll.Refused):
            sweep.refresh()

    def test_a_request_is_sent_again_after_a_broken_connection_only_where_that_is_safe(self):
        received = []

        def answer(handler, _):
            received.append((handler.path, handler.headers["idempotency-key"]))
            if len(received) == 2:
                handler.send(201, b'{"id": "q7k2m9xa", "state": "running"}')

        sweep = serve(self, answer).submit(SMALL)
        self.assertEqual(len(received), 2)
        self.assertEqual(received[0], received[1])
        with self.assertRaises(unroll.Unreachable):
            sweep.pause()
        self.assertEqual(len(received), 3)

    def test_an_answer_that_breaks_off_is_none_and_a_file_that_is_there_is_kept(self):
        def answer(handler, _):
            if handler.path.endswith("/model"):
                handler.send(200, b"half of a model", length=30)
            elif handler.path.endswith("/export?format=jsonl"):
                handler.send(200, b'{"rank": 1, "metric": "value", "parameters": {}, "metrics": {}}\n', length=1000)
            else:
                handler.send(200, b'{"id": "q7k2m9xa", "state": "running"}')

        client = serve(self, answer)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "best.safetensors")
            path.write_bytes(b"an earlier model")
            with self.assertRaises(unroll.Unreachable):
                client.trial("q7k2m9xa").model(path)
            self.assertEqual(os.listdir(folder), ["best.safetensors"])
            self.assertEqual(path.read_bytes(), b"an earlier model")
        with self.assertRaises(unroll.Unreachable):
            client.sweep("q7k2m9xa").board()

    def test_an_api_that_says_nothing_is_not_waited_for_without_end(self):
        self.addCleanup(setattr, _client, "_SILENCE", _client._SILENCE)
        _client._SILENCE = 0.2
        over = threading.Event()
        client = serve(self, lambda *_: over.wait(30))
        self.addCleanup(over.set)
        with self.assertRaises(unroll.Unreachable):
            client.sweep()

    def test_no_stack_is_said_so(self):
        with self.assertRaises(unroll.Unreachable):
            unroll.Client("http://127.0.0.1:1", "key").sweep()
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "instance.json").write_text("{}")
            self.assertEqual(_client._local(folder), (None, None))


class StudyTest(unittest.TestCase):
    def test_gives_parameters_and_ranks_what_is_told(self):
        study = unroll.study({"x": {"uniform": [-1, 1]}, "n": {"choice": [1, 2]}}, name="python study", trials=3, search="random")
        told = {}
        for trial in study:
            told[trial.id] = trial["x"] ** 2 + trial.parameters["n"]
            study.tell(trial, told[trial.id], metrics={"accuracy": 0.5})
        self.assertEqual(len(told), 3)
        self.assertEqual(study.wait(timeout=60).state, "completed")
        self.assertEqual(study.best.value, min(told.values()))
        self.assertEqual(study.best.id, min(told, key=told.get))
        self.assertIsNone(study.ask())

    def test_reports_steps_and_stops_what_its_rule_prunes(self):
        study = unroll.study(
            {"x": {"grid": [1, 2, 3]}}, name="python steps", steps=4, search="grid", stopping={"rule": "median", "minUpdates": 1, "minTrials": 1}
        )
        ended = {}
        for trial in study:
            while trial.stopped is None and len(trial_steps := ended.setdefault(trial["x"], [])) < trial.steps:
                trial_steps.append(trial.report(trial["x"]))
            if trial.stopped is None:
                self.assertEqual(trial.tell()["value"], trial["x"])
        self.assertEqual(ended[1][:1], [False])
        self.assertTrue(any(steps[-1] for steps in ended.values()))
        pruned = [trial.parameters["x"] for trial in study.trials(state="pruned")]
        self.assertEqual(sorted(pruned), sorted(x for x, steps in ended.items() if steps[-1]))

    def test_a_value_that_is_not_finite_has_diverged_and_a_failure_says_why(self):
        study = unroll.study({"x": {"uniform": [0, 1]}}, name="python failures", trials=2, search="random")
        self.assertEqual(study.ask().tell(float("nan"))["state"], "diverged")
        failed = study.ask().fail("out of memory")
        self.assertEqual((failed["state"], failed["message"]), ("failed", "out of memory"))

    def test_a_parameter_or_metric_with_the_name_of_a_column_takes_no_other_place(self):
        space = {name: {"grid": [value]} for name, value in {"seed": 5, "value": 6, "loss": 7, "x": 8}.items()}
        study = unroll.study(space, name="python names", search="grid")
        study.ask().tell(1.5, metrics={"rank": 2, "loss": 3})
        (row,) = rows(study.board())
        self.assertEqual((row["rank"], row["value"], row["seed"]), (1, 1.5, 0))
        drawn = [row["parameters.seed"], row["parameters.value"], row["loss"], row["x"]]
        self.assertEqual(drawn + [row["metrics.rank"], row["metrics.loss"]], [5, 6, 7, 8, 2, 3])

    def test_a_column_has_the_same_name_in_rows_with_other_parameters(self):
        given = {"metric": "value", "value": 1}
        told = {"momentum": 2, "low": 3, "value": 1}
        drawn = {"momentum": 0.9, "high": 4}
        flat = _client._flat([{**given, "parameters": each, "metrics": told} for each in (drawn, {})])
        names = {"metric", "value", "metrics.momentum", "metrics.low"}
        self.assertEqual([set(row) for row in flat], [names | {"momentum", "parameters.high"}, names])

    def test_a_report_that_did_not_arrive_is_no_step_and_is_sent_again_as_the_same(self):
        steps = []
        both = threading.Barrier(2, timeout=10)

        def answer(handler, body):
            if handler.path == "/v1/studies":
                handler.send(201, b'{"id": "a", "state": "running"}')
            elif handler.path == "/v1/sweeps/a/ask":
                handler.send(200, b'{"trial": {"id": "b", "attempt": "c", "number": 0, "seed": 0, "steps": 3, "parameters": {}}}')
            else:
                steps.append(json.loads(body)["step"])
                if len(steps) > 4:
                    both.wait()
                if len(steps) != 2:
                    handler.send(200, b'{"stop": false, "why": null}')

        trial = serve(self, answer).study({"x": 1}).ask()
        self.assertFalse(trial.report(0.5))
        with self.assertRaises(unroll.Unreachable):
            trial.report(0.4)
        self.assertFalse(trial.report(0.4))
        self.assertFalse(trial.report(0.3, step=3))
        self.assertEqual(steps, [1, 2, 2, 3])
        # Of two threads, before either has its answer.
        threads = [threading.Thread(target=trial.report, args=(0.2,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(steps[4:]), [4, 5])


if __name__ == "__main__":
    unittest.main()
