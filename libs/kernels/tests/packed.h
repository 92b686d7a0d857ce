// Products and recurrent layers over packed weights.
#pragma once
#include "compare.h"
#include "layer.h"
#include "reference.h"

#if defined(__x86_64__)
/// Whether these kernels use instructions for 8-bit integers. Their table may be asked for only where the processor has them: its code is
/// compiled for it.
inline bool usesVnni(const Kernels &kernels) {
  return __builtin_cpu_supports("avx512vnni") && kernels.recurrentPacked == avx512Vnni().recurrentPacked;
}
#endif

/// A matrix as 8-bit integers with a scale for each column, as numbers again.
inline Floats toBytes(ptrdiff_t k, ptrdiff_t columns, Floats matrix) {
  for (ptrdiff_t column = 0; column < columns; column++) {
    double most = 0;
    for (ptrdiff_t i = 0; i < k; i++) most = std::max(most, std::fabs(double(matrix[i * columns + column])));
    for (ptrdiff_t i = 0; i < k && most > 0; i++) {
      float &value = matrix[i * columns + column];
      value = float(std::nearbyint(double(value) * 127 / most) * most / 127);
    }
  }
  return matrix;
}

inline std::vector<uint8_t> packedBy(const Kernels &kernels, const PackedShape &shape, const Floats &matrix) {
  std::vector<uint8_t> packed(size_t(kernels.packedSize(shape)));
  kernels.pack(shape, matrix.data(), packed.data());
  return packed;
}

inline void packedProducts(Random &random, Packing packing) {
  const ptrdiff_t k = random.between(1, 90), n = random.chance(20) ? random.between(100, 600) : random.between(1, 70);
  const bool exact = packing == Packing::float32;
  const ptrdiff_t rows = random.between(1, 20), gates = exact ? random.between(1, 4) : 1, units = (n + gates - 1) / gates, columns = units * gates;
  const Floats matrix = random.floats(k * columns), x = random.floats(rows * k, 3);
  const Floats bias = random.chance(50) ? random.floats(columns) : Floats();
  const Doubles truth = multiplyReference(rows, columns, k, x, false, exact ? matrix : toBytes(k, columns, matrix), false, bias);
  const auto run = [&](const Kernels &kernels) -> std::vector<Floats> {
    const PackedShape shape = {k, units, gates, packing};
    Floats out = unwritten(rows * columns);
    const float *added = bias.empty() ? nullptr : bias.data();
    kernels.multiplyPacked(rows, shape, x.data(), packedBy(kernels, shape, matrix).data(), added, out.data());
    return {out};
  };
  const double tolerance = exact ? 2e-6 : 1e-3;  // a weight between two integers may become either
  compareFloat32("multiplyPacked" + text({rows, units, gates, k, int(packing), !bias.empty()}), tolerance, run,
                 [&](const std::string &own, const auto &results) { expectClose(own + ", truth", results[0], truth, tolerance); });
#if defined(__x86_64__)
  // Instructions for 8-bit integers give the bits of those without.
  for (const Kernels *kernels : instructionSets())
    if (usesVnni(*kernels))
      expectClose("multiplyPacked of plain avx512" + text({rows, units, gates, k, int(packing)}), run(*kernels)[0], run(avx512)[0], 0);
#endif
}

/// The rows of all steps, one after the other, of what is [T, B, width]: without those that are not there.
inline Floats rowsThatAre(const std::vector<int32_t> &counts, ptrdiff_t batch, ptrdiff_t width, const Floats &all) {
  Floats rows;
  for (size_t t = 0; t < counts.size(); t++) {
    const auto first = all.begin() + ptrdiff_t(t) * batch * width;
    rows.insert(rows.end(), first, first + counts[t] * width);
  }
  return rows;
}

/// What 8-bit weights may differ by, of truth or of 1: where sums cancel, what they are multiplied with has no more digits.
inline double roundingOf(const Floats &truth) {
  double size = 0;
  for (const float value : truth) size += double(value) * double(value);
  return 1e-3 * std::fmax(1, 1 / std::fmax(1e-3, std::sqrt(size)));
}

/// With float32 the bits of `recurrent`, over an input product or with its own; with 8-bit weights near that with weights rounded so.
inline void packedLayers(Random &random, Packing packing) {
  Cell cell = Cell(random.between(0, kCells - 2));
  if (cell == Cell::layerNormLstm) cell = Cell::slstm;
  const ptrdiff_t steps = random.between(1, 6), hidden = random.chance(15) ? random.between(70, 300) : random.between(1, 70);
  const ptrdiff_t batch = random.chance(40) ? 1 : random.between(2, 20), inputs = random.chance(50) ? random.between(1, 40) : 0;
  Layer l(random, cell, 1, steps, batch, hidden, random.chance(50), false, random.chance(70));
  std::vector<int32_t> counts(static_cast<size_t>(steps), static_cast<int32_t>(batch));
  const bool ragged = random.chance(60);
  for (ptrdiff_t t = 1; t < steps && ragged; t++) counts[t] = int32_t(random.between(1, counts[t - 1]));
  for (ptrdiff_t t = 0; t < steps && ragged; t++)
    for (ptrdiff_t row = 0; row < batch; row++) l.valid.push_back(row < counts[t]);
  const ptrdiff_t G = l.gates(), columns = G * hidden, stride = hidden + random.between(0, 1) * hidden;
  const bool exact = packing == Packing::float32;
  const Floats kernel = l.kernel, weight = random.floats(inputs * columns), shift = random.floats(columns);
  const Floats x = random.floats(steps * batch * inputs);
  const Floats projected = rowsThatAre(counts, batch, columns, l.projected), read = rowsThatAre(counts, batch, inputs, x);
  const ptrdiff_t rows = ptrdiff_t(projected.size()) / columns;
  if (!exact) l.kernel = toBytes(hidden, columns, l.kernel);
  const std::string what = text({int(cell), steps, batch, hidden, inputs, l.reverse, ragged, int(packing)});
  const auto run = [&](const Kernels &kernels) -> std::vector<Floats> {
    const std::vector<uint8_t> packed = packedBy(kernels, {hidden, hidden, G, packing}, kernel);
    std::vector<uint8_t> ofInputs;
    if (inputs) ofInputs = packedBy(kernels, {inputs, hidden, G, packing}, weight);
    Floats outputs = unwritten((rows - 1) * stride + hidden), h = l.h0, c = l.c0, all;
    RecurrentPacked r{};
    r.cell = cell, r.packing = packing, r.steps = steps, r.batch = batch, r.hidden = hidden, r.reverse = l.reverse, r.stride = stride;
    if (ragged) r.counts = counts.data();
    if (inputs) r.x = read.data(), r.inputs = inputs, r.weight = ofInputs.data(), r.shift = shift.data();
    else r.projected = projected.data();
    r.kernel = packed.data(), r.own = l.own.data(), r.outputs = outputs.data(), r.h = h.data(), r.c = c.data();
    if (!l.bias.empty()) r.bias = l.bias.data();
    kernels.recurrentPacked(r);
    for (ptrdiff_t row = 0; row < rows; row++) {
      const auto first = outputs.begin() + row * stride;
      all.insert(all.end(), first, first + hidden);
    }
    return {all, h, c};
  };
  compareFloat32("recurrentPacked" + what, exact ? 1e-5 : 1e-3, run);
  for (const Kernels *kernels : instructionSets()) {
    Layer own = l;
    if (inputs)
      kernels->multiply(steps * batch, columns, inputs, x.data(), false, (exact ? weight : toBytes(inputs, columns, weight)).data(), false,
                        {shift.data()}, own.projected.data());
    Forward forward(own, false);
    kernels->recurrent(forward.arguments(own));
    const std::vector<Floats> results = run(*kernels);
    const std::string name = std::string(kernels->name) + " recurrentPacked" + what + ", beside recurrent, result ";
    const Floats right[] = {rowsThatAre(counts, batch, hidden, forward.outputs), forward.hT, forward.cT};
    for (size_t i = 0; i < 3; i++)
      expectClose(name + std::to_string(i), results[i], right[i], exact ? 0 : roundingOf(right[i]));
#if defined(__x86_64__)
    // Instructions for 8-bit integers give the bits of those without.
    if (!usesVnni(*kernels)) continue;
    const std::vector<Floats> plain = run(avx512);
    for (size_t i = 0; i < plain.size(); i++) expectClose(name + std::to_string(i) + " of plain avx512", results[i], plain[i], 0);
#endif
  }
}

inline void packed(Random &random) {
  for (const Packing packing : {Packing::float32, Packing::int8}) packedProducts(random, packing), packedLayers(random, packing);
}
