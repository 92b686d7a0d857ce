// 16 registers of 8 floats.
#define ISA avx2
#define LANES 8
#define ROWS 6
#define COLUMNS 2
#define ACCUMULATORS 12
#define BACK_COLUMNS 2
#include "instruction-set.h"
