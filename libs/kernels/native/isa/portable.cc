// Whatever the compiler makes of vectors of 4 floats; on x86-64 that is SSE2.
#include "../kernels.h"
#include "tiles-portable.h"

#include "../ops/operands/float32.h"
#include "../ops/tiles/registers.h"

#include "../ops/table.h"

const unroll::Kernels unroll::portable = kernelTable("portable");
