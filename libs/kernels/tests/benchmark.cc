// Times the kernels alone. Usage: benchmark [--isa NAME] [--threads N]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "../native/runtime/instruction-sets.h"
#include "../native/runtime/threads.h"
#include "layer.h"

using namespace unroll;

namespace {

/// Seconds of one call: the best of nine batches of at least 10 ms.
template <typename Work>
double seconds(const Work &work) {
  using Clock = std::chrono::steady_clock;
  const auto batch = [&](long calls) {
    const auto began = Clock::now();
    for (long call = 0; call < calls; call++) work();
    return std::chrono::duration<double>(Clock::now() - began).count();
  };
  long calls = 1;
  while (batch(calls) < 0.01) calls *= 2;
  double best = batch(calls);
  for (int i = 1; i < 9; i++) best = std::fmin(best, batch(calls));
  return best / double(calls);
}

void report(const Kernels &kernels, const std::string &what, double time, double amount, const char *unit) {
  // Operations: billions in a second. Values: nanoseconds each.
  const bool isRate = !std::strcmp(unit, "GFLOP/s");
  std::printf("%-9s %-28s %10.1f us %9.2f %s\n", kernels.name, what.c_str(), time * 1e6,
              isRate ? amount / time / 1e9 : time * 1e9 / amount, unit);
}

void peak(const Kernels &kernels) {
  float memory = 1;
  const double operations = kernels.multiplyAdds(100'000, &memory);
  report(kernels, "peak of a core", seconds([&] { kernels.multiplyAdds(100'000, &memory); }), operations, "GFLOP/s");
}

void products(const Kernels &kernels, Random &random) {
  const ptrdiff_t shapes[][3] = {{32, 256, 64}, {256, 256, 256}, {2048, 512, 128}, {128, 512, 2048}};
  for (const auto &[m, n, k] : shapes)
    for (const bool transposeA : {false, true}) {
      const Floats a = random.floats(m * k), b = random.floats(k * n);
      Floats c(static_cast<size_t>(m * n));
      const double time = seconds([&, m = m, n = n, k = k] {
        kernels.multiply(m, n, k, a.data(), transposeA, b.data(), false, {}, c.data());
      });
      const std::string shape = std::to_string(m) + "," + std::to_string(n) + "," + std::to_string(k);
      report(kernels, "multiply " + shape + (transposeA ? " aT" : ""), time, 2.0 * double(m * n * k), "GFLOP/s");
    }
}

void recurrentLayers(const Kernels &kernels, Random &random) {
  const ptrdiff_t batch = 32, steps = 64;
  const std::pair<Cell, const char *> cells[] = {{Cell::rnnTanh, "rnn"},
                                                 {Cell::lstm, "lstm"},
                                                 {Cell::gru, "gru"},
                                                 {Cell::peepholeLstm, "peephole-lstm"},
                                                 {Cell::layerNormLstm, "layer-norm-lstm"},
                                                 {Cell::slstm, "slstm"}};
  for (const auto &[cell, name] : cells)
    for (const ptrdiff_t hidden : {64, 128, 256}) {
      const Layer l(random, cell, 1, steps, batch, hidden, false, false, true);
      Forward forward(l, true);
      Backward backward(l, false);
      const Recurrent r = forward.arguments(l);
      const RecurrentGradient d = backward.arguments(l);
      const double product = 2.0 * double(steps * batch * hidden * hidden * l.gates());
      const std::string what = std::string(name) + " 32,64," + std::to_string(hidden);
      report(kernels, what, seconds([&] { kernels.recurrent(r); }), product, "GFLOP/s");
      // dh = dz·Uᵀ, and Hᵀ·dZ.
      report(kernels, what + " gradient", seconds([&] { kernels.recurrentGradient(r, d); }), 2 * product, "GFLOP/s");
    }
}

/// One sequence of 64 steps over packed weights.
void packedLayers(const Kernels &kernels, Random &random) {
  const ptrdiff_t steps = 64;
  for (const auto &[cell, name] : {std::pair{Cell::lstm, "lstm"}, std::pair{Cell::gru, "gru"}})
    for (const ptrdiff_t hidden : {128, 256})
      for (const Packing packing : {Packing::float32, Packing::int8}) {
        const Layer l(random, cell, 1, steps, 1, hidden, false, false, true);
        const PackedShape shape = {hidden, hidden, l.gates(), packing};
        std::vector<uint8_t> packed(size_t(kernels.packedSize(shape)));
        kernels.pack(shape, l.kernel.data(), packed.data());
        Floats outputs(size_t(steps * hidden)), h = l.h0, c = l.c0;
        RecurrentPacked r{};
        r.cell = cell, r.packing = packing, r.steps = steps, r.batch = 1, r.hidden = r.stride = hidden, r.projected = l.projected.data();
        r.kernel = packed.data(), r.bias = l.bias.empty() ? nullptr : l.bias.data(), r.outputs = outputs.data(), r.h = h.data(), r.c = c.data();
        const std::string what = std::string(name) + " 1,64," + std::to_string(hidden) + (packing == Packing::int8 ? " int8" : " packed");
        report(kernels, what, seconds([&] { kernels.recurrentPacked(r); }), 2.0 * double(steps * hidden * hidden * l.gates()), "GFLOP/s");
      }
}

void pointwise(const Kernels &kernels, Random &random) {
  const ptrdiff_t length = 1 << 16, classes = 64, rows = length / classes;
  const Floats x = random.floats(length), y = random.floats(length, 2), zeros(length, 0), scalars(9, 0.5f), one(1, 1);
  Floats out(x), next0(x), next1(x), losses(rows, 0);
  for (int index = 0; index < kernels.updateRuleCount; index++) {
    const UpdateRule &rule = kernels.updateRules[index];
    const Update u{1, length, x.data(), y.data(), one.data(), one.data(), scalars.data(), {zeros.data(), zeros.data()},
                   out.data(), {next0.data(), next1.data()}};
    report(kernels, std::string("update ") + rule.kind, seconds([&] { rule.update(u); }), double(length), "ns a value");
  }
  const std::vector<int32_t> targets = random.integers(rows, classes);
  const auto time = [&](const char *name, const auto &work) { report(kernels, name, seconds(work), double(length), "ns a value"); };
  volatile float norm = 0;
  time("norm", [&] { norm = kernels.norm(length, x.data()); });
  time("crossEntropy", [&] {
    kernels.crossEntropy(rows, classes, x.data(), targets.data(), nullptr, out.data(), losses.data());
  });
  const Mask mask = {rows, 1, classes, 1, classes};
  const uint32_t key[4] = {1, 2, 3, 1u << 31};
  time("dropoutMask", [&] { kernels.dropoutMask(mask, key, 2, out.data()); });
  const std::vector<int32_t> ids = random.integers(rows, rows);
  time("gather", [&] { kernels.gather(rows, classes, x.data(), ids.data(), out.data()); });
  time("scatterAdd", [&] { kernels.scatterAdd(rows, rows, classes, ids.data(), x.data(), out.data()); });
  time("sumRows", [&] { kernels.sumRows(1, rows, classes, x.data(), out.data()); });
  time("exp", [&] { kernels.exp(length, x.data(), out.data()); });
  time("tanh", [&] { kernels.tanh(length, x.data(), out.data()); });
}

}  // namespace

int main(int count, char **arguments) {
  std::string only;
  for (int i = 1; i + 1 < count; i += 2) {
    if (!std::strcmp(arguments[i], "--isa")) only = arguments[i + 1];
    if (!std::strcmp(arguments[i], "--threads")) setThreads(std::atol(arguments[i + 1]));
  }
  bool found = false;
  for (const Kernels *kernels : instructionSets()) {
    if (!only.empty() && only != kernels->name) continue;
    found = true;
    Random random(1);
    peak(*kernels);
    products(*kernels, random);
    recurrentLayers(*kernels, random);
    packedLayers(*kernels, random);
    pointwise(*kernels, random);
    if (const Kernels *own = inBfloat16(*kernels)) {
      products(*own, random);
      recurrentLayers(*own, random);
    }
  }
  if (!found) std::fprintf(stderr, "this processor has no instruction set \"%s\"\n", only.c_str());
  return !found;
}
