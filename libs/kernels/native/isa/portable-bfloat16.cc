// bfloat16 in plain C++, for any processor.
#include "../kernels.h"
#include "tiles-portable.h"

#include "../ops/operands/bfloat16-portable.h"

#include "../ops/operands/bfloat16.h"
#include "../ops/tiles/registers.h"

#include "../ops/table.h"

const unroll::Kernels unroll::portableBfloat16 = kernelTable("portable-bf16");
