// Which of the instruction sets that the kernels are built for this processor has, and which one is in use.
#pragma once
#include <string>
#include <vector>

#include "../kernels.h"

namespace unroll {

/// Those that this processor has, the best first; `portable` is always the last.
const std::vector<const Kernels *> &instructionSets();

/// What the operands of matrix products are rounded to.
enum class Precision : int { float32 = 0, bfloat16 = 1 };

/// The kernels of an instruction set with products of bfloat16; null where this processor has no instructions for them. `portable`
/// has them on any processor, slowly.
const Kernels *inBfloat16(const Kernels &);

/// The kernels in use: at first those of the best instruction set in float32.
const Kernels &current();

/// The instruction set in use.
const Kernels &chosen();

/// Switches to another one, in float32; false where this processor has none of that name.
bool choose(const std::string &name);

/// Switches to another precision of products; false where the instruction set in use lacks it.
bool usePrecision(Precision);

}  // namespace unroll
