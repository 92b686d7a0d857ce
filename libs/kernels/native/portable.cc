// What every compiler makes of vectors of 4 floats; on x86-64 that is SSE2.
#define ISA portable
#define LANES 4
#define ROWS 6
#define COLUMNS 2
#define ACCUMULATORS 12
#define BACK_COLUMNS 2
#include "instruction-set.h"
