#include "instruction-sets.h"

#if UNROLL_AMX
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace unroll {
namespace {

#if defined(__aarch64__)
bool hasBfloat16() {
#if defined(__linux__)
  return getauxval(AT_HWCAP2) & 1ul << 14;  // HWCAP2_BF16
#elif defined(__APPLE__)
  int has = 0;
  size_t size = sizeof has;
  return sysctlbyname("hw.optional.arm.FEAT_BF16", &has, &size, nullptr, 0) == 0 && has;
#else
  return false;
#endif
}
#endif

#if defined(__x86_64__)
/// AVX-512, with its instructions for 8-bit integers where the processor has them.
const Kernels &avx512OrVnni() { return __builtin_cpu_supports("avx512vnni") ? avx512Vnni() : avx512; }
#endif

#if UNROLL_AMX
/// Whether the processor has AMX with bfloat16, and Linux (5.16 or later) lets this process use its registers, which it has to ask for.
bool hasAmx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d & 1u << 22) || !(d & 1u << 24)) return false;  // AMX-BF16, AMX-TILE
  constexpr long requestPermission = 0x1023, tileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

/// AVX-512, whose products of bfloat16 are those of AMX.
const Kernels &amx() {
  static const Kernels all = [] {
    Kernels k = avx512OrVnni();
    k.name = "amx";
    return k;
  }();
  return all;
}
#endif

std::vector<const Kernels *> detect() {
  std::vector<const Kernels *> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool fma = __builtin_cpu_supports("fma");
  if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
#if UNROLL_AMX
    if (__builtin_cpu_supports("avx512bf16") && hasAmx()) found.push_back(&amx());
#endif
    found.push_back(&avx512OrVnni());
  }
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

const Kernels *inBfloat16(const Kernels &kernels) {
#if defined(__x86_64__)
#if UNROLL_AMX
  if (&kernels == &amx()) return &amxBfloat16();
#endif
  if (&kernels == &avx512OrVnni() && __builtin_cpu_supports("avx512bf16")) return &avx512Bfloat16;
#elif defined(__aarch64__)
  if (&kernels == &neon && hasBfloat16()) return &neonBfloat16;
#endif
  return &kernels == &portable ? &portableBfloat16 : nullptr;
}

static const Kernels *instructionSet = instructionSets().front(), *inUse = instructionSet;

const Kernels &current() { return *inUse; }
const Kernels &chosen() { return *instructionSet; }

bool choose(const std::string &name) {
  for (const Kernels *kernels : instructionSets())
    if (name == kernels->name) {
      inUse = instructionSet = kernels;
      return true;
    }
  return false;
}

bool usePrecision(Precision precision) {
  const Kernels *kernels = precision == Precision::float32 ? instructionSet : inBfloat16(*instructionSet);
  if (kernels) inUse = kernels;
  return kernels != nullptr;
}

}  // namespace unroll
