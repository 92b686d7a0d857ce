// What the addon exports, by file. Each function takes one object of arguments, as libs/kernels/src/addon.ts declares them.
#pragma once
#include <napi.h>

namespace unroll::api {

using Napi::CallbackInfo;

// recurrent.cc
void recurrent(const CallbackInfo &);
void recurrentGradient(const CallbackInfo &);

// packed.cc
Napi::Value packedSize(const CallbackInfo &);
void pack(const CallbackInfo &);
void multiplyPacked(const CallbackInfo &);
void recurrentPacked(const CallbackInfo &);
Napi::Value bindPacked(const CallbackInfo &);

// scan.cc
void scan(const CallbackInfo &);
void scanGradient(const CallbackInfo &);
void selectiveScan(const CallbackInfo &);
void selectiveScanGradient(const CallbackInfo &);
void firstSilu(const CallbackInfo &);
void firstSiluGradient(const CallbackInfo &);
void mlstm(const CallbackInfo &);
void mlstmGradient(const CallbackInfo &);
void gatedLinearUnit(const CallbackInfo &);
void gatedLinearUnitGradient(const CallbackInfo &);

// products.cc
void multiply(const CallbackInfo &);
void addRows(const CallbackInfo &);
void sumRows(const CallbackInfo &);
void tanhGradient(const CallbackInfo &);
void permute(const CallbackInfo &);
void gather(const CallbackInfo &);
void scatterAdd(const CallbackInfo &);

// layers.cc
void layerNorm(const CallbackInfo &);
void layerNormGradient(const CallbackInfo &);
void selfAttention(const CallbackInfo &);
void selfAttentionGradient(const CallbackInfo &);
void attention(const CallbackInfo &);
void attentionGradient(const CallbackInfo &);
void treeNodes(const CallbackInfo &);
void treeNodesGradient(const CallbackInfo &);

// training.cc
void crossEntropy(const CallbackInfo &);
void crossEntropyGradient(const CallbackInfo &);
void dropoutMask(const CallbackInfo &);
void norms(const CallbackInfo &);
void update(const CallbackInfo &);
Napi::Value updateRules(const CallbackInfo &);

}  // namespace unroll::api
