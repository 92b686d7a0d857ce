// 32 registers of 4 floats.
#define ISA neon
#define LANES 4
#define ROWS 12
#define COLUMNS 2
#define ACCUMULATORS 24
#define BACK_COLUMNS 4
#include "instruction-set.h"
