// Runs an operation with every instruction set and on several threads, and counts what differs.
#pragma once
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "../native/runtime/instruction-sets.h"
#include "../native/runtime/threads.h"
#include "random.h"

using namespace unroll;

inline int failures = 0;
inline long comparisons = 0;

/// Fails unless ‖ours − truth‖ ≤ tolerance · ‖truth‖, or of the tolerance alone for tiny values. A tolerance of 0: bit for bit.
template <typename Truth>
void expectClose(const std::string &what, const Floats &ours, const Truth &truth, double tolerance) {
  comparisons++;
  double difference = 0, size = 0;
  for (size_t i = 0; i < truth.size(); i++) {
    difference += (double(ours[i]) - double(truth[i])) * (double(ours[i]) - double(truth[i]));
    size += double(truth[i]) * double(truth[i]);
  }
  // Also where either is NaN.
  if (ours.size() == truth.size() && std::sqrt(difference) <= tolerance * std::fmax(1e-3, std::sqrt(size))) return;
  failures++;
  std::printf("%s: differs by %g of %g\n", what.c_str(), std::sqrt(difference), std::sqrt(size));
}

using Run = std::function<std::vector<Floats>(const Kernels &)>;
using Check = std::function<void(const std::string &what, const std::vector<Floats> &results)>;

/// The same results on three threads, bit for bit.
inline void compareThreads(const std::string &what, const Run &run, const Kernels &kernels, const std::vector<Floats> &results) {
  setThreads(3);
  const std::vector<Floats> again = run(kernels);
  setThreads(1);
  for (size_t i = 0; i < results.size(); i++) expectClose(what + ", threads, result " + std::to_string(i), again[i], results[i], 0);
}

/// Runs an operation with products of bfloat16, of each instruction set that has them. A sum in another order may round to the next
/// number of 8 bits where it is an operand again: hence the tolerance.
inline void compareBfloat16(const std::string &what, const Run &run) {
  const std::vector<Floats> expected = run(portableBfloat16);
  for (const Kernels *kernels : instructionSets()) {
    const Kernels *own = inBfloat16(*kernels);
    if (!own) continue;
    const std::vector<Floats> results = run(*own);
    for (size_t i = 0; i < results.size(); i++)
      expectClose(std::string(own->name) + " " + what + ", result " + std::to_string(i), results[i], expected[i], 2e-2);
    compareThreads(std::string(own->name) + " " + what, run, *own, results);
  }
}

/// Runs an operation with every instruction set, on one thread and on three. `check` holds each result against the truth.
inline void compareFloat32(const std::string &what, double tolerance, const Run &run, const Check &check = nullptr) {
  const std::vector<Floats> expected = run(portable);
  for (const Kernels *kernels : instructionSets()) {
    const std::string own = std::string(kernels->name) + " " + what;
    const std::vector<Floats> results = run(*kernels);
    for (size_t i = 0; i < results.size(); i++)
      expectClose(own + ", result " + std::to_string(i), results[i], expected[i], tolerance);
    if (check) check(own, results);
    compareThreads(own, run, *kernels, results);
  }
}

/// The same, and with products of bfloat16.
inline void compare(const std::string &what, double tolerance, const Run &run, const Check &check = nullptr) {
  compareFloat32(what, tolerance, run, check);
  compareBfloat16(what, run);
}

inline std::string text(std::initializer_list<ptrdiff_t> numbers) {
  std::string all;
  for (const ptrdiff_t number : numbers) all += " " + std::to_string(number);
  return all;
}

inline Floats unwritten(ptrdiff_t count) { return Floats(size_t(count), NAN); }
