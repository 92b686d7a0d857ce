// AVX-512: 32 registers of 16 floats.
#include "../kernels.h"
#include "tiles-avx512.h"

#include "../ops/operands/float32.h"
#include "../ops/tiles/registers.h"

#include "../ops/table.h"

const unroll::Kernels unroll::avx512 = kernelTable("avx512");
