// Denormal numbers, those below 2⁻¹²⁶, are taken for 0: processors compute with them ten to a hundred times as slowly, and gates that are
// nearly closed make many of them.
#pragma once
#include <cstdint>
#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

namespace unroll {

/// The calling thread reads and writes them as 0 while it lives.
class FlushDenormals {
 public:
  FlushDenormals() : before(control()) { setControl(before | kFlush); }
  ~FlushDenormals() { setControl(before); }
  FlushDenormals(const FlushDenormals &) = delete;
  FlushDenormals &operator=(const FlushDenormals &) = delete;

 private:
#if defined(__x86_64__) || defined(__i386__)
  using Control = uint32_t;
  static constexpr Control kFlush = 0x8040;  // of MXCSR: results (FTZ) and operands (DAZ)
  static Control control() { return _mm_getcsr(); }
  static void setControl(Control value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
  using Control = uint64_t;
  static constexpr Control kFlush = uint64_t(1) << 24;  // of FPCR: both (FZ)
  static Control control() {
    Control value;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void setControl(Control value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }
#else
  using Control = uint32_t;
  static constexpr Control kFlush = 0;
  static Control control() { return 0; }
  static void setControl(Control) {}
#endif

  const Control before;
};

}  // namespace unroll
