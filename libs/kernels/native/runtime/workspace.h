// Scratch memory that kernels keep between calls.
#pragma once
#include <cstddef>

namespace unroll {

/// What a kernel keeps there. Those used at the same time have different names.
enum class Workspace : int {
  leftOperand, rightOperand, recurrentKernel, gateGradients, ownGradients, keptStates, stepProducts, stepGates, stepOperands, rowSums,
  packedOperands, packedInputs, packedStates, packedSums, packedShift, packedThird,
  normSums, scores, scoreGradients, scoreSums,
  mlstmChunk, mlstmMemory,
  treeHiddens, treeSums, treeGates, treeForgets, treeGradients,
  count
};

/// At least `floats` floats of the calling thread, aligned to 64 bytes, valid until its next call with the same name. Throws
/// std::bad_alloc.
float *workspace(Workspace name, ptrdiff_t floats);

}  // namespace unroll
