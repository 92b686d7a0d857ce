// Which of the instruction sets that the kernels are built for this processor has, and which one is in use.
#pragma once
#include <string>
#include <vector>

#include "../kernels.h"

namespace unroll {

/// Those that this processor has, the best first; `portable` is always the last.
const std::vector<const Kernels *> &instructionSets();

/// The one in use: at first the best.
const Kernels &current();

/// Switches to another one; false where this processor has none of that name.
bool choose(const std::string &name);

}  // namespace unroll
