// One instruction set's kernels. The file that includes this defines ISA (its name), LANES (floats in a vector), ROWS × COLUMNS
// (the tile of a product, columns in vectors), ACCUMULATORS (vectors that a recurrent tile may hold) and BACK_COLUMNS.
#include "kernels.h"

namespace unroll {
namespace {
#include "vector.h"
#include "matmul.h"
#include "pointwise.h"
#include "random.h"
#include "recurrent.h"
#include "gradient.h"
}  // namespace

#define TEXT(x) #x
#define NAME(x) TEXT(x)
extern const Kernels ISA;
const Kernels ISA = {NAME(ISA),     multiply,     recurrent,            recurrentGradient, addRows,     sumRows, gather,
                     scatter,       crossEntropy, crossEntropyGradient, norm,              dropoutMask, update,  exponentials,
                     tangents,      multiplyAdds};
}  // namespace unroll
