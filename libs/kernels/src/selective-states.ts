/** States of each unit of a selective state space, in both kinds of kernels: kSelectiveStates in native/kernels.h. */
export const selectiveStates = 16;
