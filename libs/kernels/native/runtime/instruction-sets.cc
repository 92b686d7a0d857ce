#include "instruction-sets.h"

namespace unroll {
namespace {

std::vector<const Kernels *> detect() {
  std::vector<const Kernels *> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool fma = __builtin_cpu_supports("fma");
  if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    found.push_back(&avx512);
  if (fma && __builtin_cpu_supports("avx2")) found.push_back(&avx2);
#elif defined(__aarch64__)
  found.push_back(&neon);
#endif
  found.push_back(&portable);
  return found;
}

}  // namespace

const std::vector<const Kernels *> &instructionSets() {
  static const std::vector<const Kernels *> found = detect();
  return found;
}

static const Kernels *inUse = instructionSets().front();

const Kernels &current() { return *inUse; }

bool choose(const std::string &name) {
  for (const Kernels *kernels : instructionSets())
    if (name == kernels->name) {
      inUse = kernels;
      return true;
    }
  return false;
}

}  // namespace unroll
