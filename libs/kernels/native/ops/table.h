// All kernels of one instruction set, as a table. Included last by each file of isa/.
#pragma once
#include "../kernels.h"
#include "attention.h"
#include "cross-entropy.h"
#include "dropout.h"
#include "functions.h"
#include "gated.h"
#include "layer-norm.h"
#include "matmul.h"
#include "mlstm-gradient.h"
#include "packed.h"
#include "recurrent-gradient.h"
#include "recurrent.h"
#include "rows.h"
#include "scan.h"
#include "selective-scan.h"
#include "tree-nodes.h"
#include "update.h"

namespace unroll {
namespace {

constexpr Kernels kernelTable(const char *name) {
  Kernels k{};
  k.name = name;
  k.multiply = multiply;
  k.tanhGradient = tanhGradient;
  k.permute = permute;
  k.layerNorm = layerNorm;
  k.layerNormGradient = layerNormGradient;
  k.attention = attention;
  k.attentionGradient = attentionGradient;
  k.treeNodes = treeNodes;
  k.treeNodesGradient = treeNodesGradient;
  k.recurrent = recurrent;
  k.recurrentGradient = recurrentGradient;
  if constexpr (kNumbers == 1) {
    k.packedSize = packedSize;
    k.pack = pack;
    k.isPacked = isPacked;
    k.multiplyPacked = multiplyPacked;
    k.recurrentPacked = recurrentPacked;
  }
  k.scan = scan;
  k.scanGradient = scanGradient;
  k.selectiveScan = selectiveScan;
  k.selectiveScanGradient = selectiveScanGradient;
  k.firstSilu = firstSilu;
  k.firstSiluGradient = firstSiluGradient;
  k.mlstm = mlstm;
  k.mlstmGradient = mlstmGradient;
  k.gatedLinearUnit = gatedLinearUnit;
  k.gatedLinearUnitGradient = gatedLinearUnitGradient;
  k.addRows = addRows;
  k.sumRows = sumRows;
  k.gather = gather;
  k.scatterAdd = scatterAdd;
  k.crossEntropy = crossEntropy;
  k.crossEntropyGradient = crossEntropyGradient;
  k.norm = norm;
  k.dropoutMask = dropoutMask;
  k.updateRules = updateRules;
  k.updateRuleCount = sizeof(updateRules) / sizeof(updateRules[0]);
  k.exp = elementwise<exp>;
  k.tanh = elementwise<tanh>;
  k.multiplyAdds = multiplyAdds;
  return k;
}

}  // namespace
}  // namespace unroll
