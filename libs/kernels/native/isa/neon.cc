// NEON: 32 registers of 4 floats.
#include "../kernels.h"
#include "tiles-neon.h"

#include "../ops/operands/float32.h"
#include "../ops/tiles/registers.h"

#include "../ops/table.h"

const unroll::Kernels unroll::neon = kernelTable("neon");
