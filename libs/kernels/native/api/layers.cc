#include "../runtime/instruction-sets.h"
#include "arguments.h"
#include "functions.h"

namespace unroll::api {
namespace {

/// What both directions of attention within sequences read: queries, keys and values side by side.
Attention selfAttentionOf(Arguments &args) {
  Attention a{};
  a.outer = args.size("lanes");
  a.inner = args.size("batch");
  a.heads = args.size("heads");
  a.queryCount = a.keyCount = args.size("steps");
  a.units = a.width = args.size("size");
  a.lanes = a.outer;
  a.scale = 1.0f / __builtin_sqrtf(float(a.units));
  a.causal = true;
  const ptrdiff_t hidden = a.heads * a.units, stride = 3 * hidden * a.inner;
  const double rows = double(a.outer) * a.queryCount * a.inner;
  const float *three = args.floats("three", rows * 3 * hidden);
  a.queries = {three, stride};
  a.keys = {three + hidden, stride};
  a.values = {three + 2 * hidden, stride};
  a.valid = args.bytesOrNull("valid", rows);
  a.out = args.floats("out", rows * hidden);
  a.outStride = hidden * a.inner;
  a.moments = args.floats("moments", rows * a.heads * 2);
  return a;
}

/// What both directions of attention to other sequences read.
Attention attentionOf(Arguments &args) {
  Attention a{};
  a.outer = args.size("sequences");
  a.inner = a.heads = 1;
  a.queryCount = args.size("queryCount");
  a.keyCount = args.size("keyCount");
  a.units = args.size("units");
  a.width = args.size("width");
  a.lanes = args.size("lanes");
  if (a.outer % a.lanes != 0) args.fail("sequences must be a multiple of lanes");
  a.scale = 1.0f;
  const double asking = double(a.outer) * a.queryCount, asked = double(a.outer) * a.keyCount;
  a.queries = {args.floats("queries", asking * a.units), a.units};
  a.keys = {args.floats("keys", asked * a.units), a.units};
  a.values = {args.floats("values", asked * a.width), a.width};
  a.valid = args.bytesOrNull("valid", asked);
  a.score = args.floatsOrNull("score", double(a.lanes) * a.units);
  a.out = args.floats("out", asking * a.width);
  a.outStride = a.width;
  a.moments = args.floats("moments", asking * 2);
  return a;
}

/// The arguments of a lane's normalisation; the caller moves on to the next lane.
LayerNorm normOf(Arguments &args, ptrdiff_t lanes) {
  LayerNorm l{};
  l.rows = args.size("rows");
  l.width = args.size("width");
  const double all = double(lanes) * l.rows, wide = double(lanes) * l.width;
  l.x = args.floats("x", all * l.width);
  l.gain = args.floats("gain", wide);
  l.moments = args.floats("moments", all * 2);
  return l;
}

void toNextLane(LayerNorm &l) {
  l.x += l.rows * l.width;
  l.gain += l.width;
  l.moments += 2 * l.rows;
}

/// The nodes of the first lane, with children where there are some.
TreeNodes nodesOf(Arguments &args, ptrdiff_t lanes) {
  TreeNodes t{};
  t.nodes = args.size("nodes");
  t.hidden = args.size("hidden");
  t.arity = args.size("arity", 0);
  const double own = double(lanes) * t.nodes * t.hidden, square = double(lanes) * t.hidden * t.hidden;
  t.gates = args.floats("gates", 3 * own);
  t.states = args.floats("states", 2 * own);
  if (t.arity == 0) return t;
  t.children = args.floats("children", 2 * own * t.arity);
  t.forgets = args.floats("forgets", own * t.arity);
  t.sum = args.floats("sum", 3 * square);
  t.forget = args.floats("forget", square);
  return t;
}

void toNextLane(TreeNodes &t) {
  const ptrdiff_t own = t.nodes * t.hidden, square = t.hidden * t.hidden;
  t.gates += 3 * own;
  t.states += 2 * own;
  if (t.arity == 0) return;
  t.children += 2 * own * t.arity;
  t.forgets += own * t.arity;
  t.sum += 3 * square;
  t.forget += square;
}

}  // namespace

void layerNorm(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes");
  LayerNorm l = normOf(args, lanes);
  l.shift = args.floatsOrNull("shift", double(lanes) * l.width);
  l.out = args.floats("out", double(lanes) * l.rows * l.width);
  for (ptrdiff_t lane = 0; lane < lanes; lane++, toNextLane(l)) {
    current().layerNorm(l);
    if (l.shift) l.shift += l.width;
    l.out += l.rows * l.width;
  }
}

void layerNormGradient(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes");
  LayerNorm l = normOf(args, lanes);
  const double all = double(lanes) * l.rows * l.width, wide = double(lanes) * l.width;
  LayerNormGradient d{};
  d.out = args.floats("gradOut", all);
  d.added = args.floatsOrNull("added", all);
  d.x = args.floats("gradX", all);
  d.gain = args.floats("gradGain", wide);
  d.shift = args.floatsOrNull("gradShift", wide);
  const ptrdiff_t own = l.rows * l.width;
  for (ptrdiff_t lane = 0; lane < lanes; lane++, toNextLane(l)) {
    current().layerNormGradient(l, d);
    d = {d.out + own, d.added ? d.added + own : nullptr, d.x + own, d.gain + l.width, d.shift ? d.shift + l.width : nullptr};
  }
}

void selfAttention(const CallbackInfo &info) {
  Arguments args(info);
  current().attention(selfAttentionOf(args));
}

void selfAttentionGradient(const CallbackInfo &info) {
  Arguments args(info);
  const Attention a = selfAttentionOf(args);
  const ptrdiff_t hidden = a.heads * a.units;
  const double rows = double(a.outer) * a.queryCount * a.inner;
  float *three = args.floats("gradThree", rows * 3 * hidden);
  AttentionGradient d{};
  d.out = args.floats("gradOut", rows * hidden);
  d.queries = three;
  d.keys = three + hidden;
  d.values = three + 2 * hidden;
  current().attentionGradient(a, d);
}

void attention(const CallbackInfo &info) {
  Arguments args(info);
  Attention a = attentionOf(args);
  a.weights = args.floats("weights", double(a.outer) * a.queryCount * a.keyCount);
  current().attention(a);
}

void attentionGradient(const CallbackInfo &info) {
  Arguments args(info);
  const Attention a = attentionOf(args);
  const double asking = double(a.outer) * a.queryCount, asked = double(a.outer) * a.keyCount;
  AttentionGradient d{};
  d.out = args.floats("gradOut", asking * a.width);
  d.queries = args.floats("gradQueries", asking * a.units);
  d.keys = args.floats("gradKeys", asked * a.units);
  d.values = args.floats("gradValues", asked * a.width);
  d.score = a.score ? args.floats("gradScore", double(a.lanes) * a.units) : nullptr;
  current().attentionGradient(a, d);
}

void treeNodes(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes");
  TreeNodes t = nodesOf(args, lanes);
  const double wide = double(lanes) * t.hidden;
  const float *bias = t.children ? args.floats("bias", 3 * wide) : nullptr;
  const float *forgetBias = t.children ? args.floats("forgetBias", wide) : nullptr;
  for (ptrdiff_t lane = 0; lane < lanes; lane++, toNextLane(t)) {
    t.bias = bias ? bias + lane * 3 * t.hidden : nullptr;
    t.forgetBias = forgetBias ? forgetBias + lane * t.hidden : nullptr;
    current().treeNodes(t);
  }
}

void treeNodesGradient(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes");
  TreeNodes t = nodesOf(args, lanes);
  const ptrdiff_t own = t.nodes * t.hidden, H = t.hidden;
  const double all = double(lanes) * own, wide = double(lanes) * H;
  TreeNodesGradient d{};
  d.states = args.floats("gradStates", 2 * all);
  if (t.children) {
    d.children = args.floats("gradChildren", 2 * all * t.arity);
    d.sum = args.floats("gradSum", 3 * wide * H);
    d.bias = args.floats("gradBias", 3 * wide);
    d.forget = args.floats("gradForget", wide * H);
    d.forgetBias = args.floats("gradForgetBias", wide);
  } else d.gates = args.floats("gradGates", 3 * all);
  for (ptrdiff_t lane = 0; lane < lanes; lane++, toNextLane(t)) {
    current().treeNodesGradient(t, d);
    d.states += 2 * own;
    if (t.children)
      d.children += 2 * own * t.arity, d.sum += 3 * H * H, d.bias += 3 * H, d.forget += H * H, d.forgetBias += H;
    else d.gates += 3 * own;
  }
}

}  // namespace unroll::api
