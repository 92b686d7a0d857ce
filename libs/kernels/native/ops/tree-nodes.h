// Nodes of child-sum tree-LSTMs: of a level, all at once.
#pragma once
#include "../kernels.h"
#include "functions.h"
#include "matmul.h"
#include "rows.h"

namespace unroll {
namespace {

/// h of each child, and its sums over the children of a node.
struct ChildSums {
  float *h, *sums;  // [C, hidden], [nodes, hidden]
};

ChildSums sumChildren(const TreeNodes &t) {
  const ptrdiff_t H = t.hidden;
  const ChildSums c = {workspace(Workspace::treeHiddens, t.nodes * t.arity * H), workspace(Workspace::treeSums, t.nodes * H)};
  for (ptrdiff_t child = 0; child < t.nodes * t.arity; child++) copy(c.h + child * H, t.children + child * 2 * H, H);
  sumRows(t.nodes, t.arity, H, c.h, c.sums);
  return c;
}

/// From the sums in the gates, the nodes.
void activateNodes(const TreeNodes &t) {
  const ptrdiff_t H = t.hidden;
  parallelFor(t.nodes, 1, [&](ptrdiff_t start, ptrdiff_t count) {
    for (ptrdiff_t node = start; node < start + count; node++) {
      float *gates = t.gates + node * 3 * H, *h = t.states + node * 2 * H;
      for (ptrdiff_t j = 0; j < H; j += kWidth) {
        const ptrdiff_t left = H - j;
        const Vector i = sigmoid(load(gates + j, left)), g = tanh(load(gates + H + j, left));
        const Vector o = sigmoid(load(gates + 2 * H + j, left));
        Vector c = i * g;
        for (ptrdiff_t child = node * t.arity; t.children && child < (node + 1) * t.arity; child++) {
          const Vector f = sigmoid(load(t.forgets + child * H + j, left));
          c += f * load(t.children + child * 2 * H + H + j, left);
          store(t.forgets + child * H + j, f, left);
        }
        store(gates + j, i, left), store(gates + H + j, g, left), store(gates + 2 * H + j, o, left);
        store(h + j, o * tanh(c), left);
        store(h + H + j, c, left);
      }
    }
  });
}

void treeNodes(const TreeNodes &t) {
  if (t.children) {
    const ptrdiff_t H = t.hidden;
    const ChildSums c = sumChildren(t);
    multiply(t.nodes, 3 * H, H, c.sums, false, t.sum, false, {t.bias}, t.gates);
    multiply(t.nodes * t.arity, H, H, c.h, false, t.forget, false, {t.forgetBias}, t.forgets);
  }
  activateNodes(t);
}

/// The gradients of the sums in the gates, of those of the children, `forgets`, and of the children's c.
void differentiateNodes(const TreeNodes &t, const TreeNodesGradient &d, float *forgets) {
  const ptrdiff_t H = t.hidden;
  parallelFor(t.nodes, 1, [&](ptrdiff_t start, ptrdiff_t count) {
    for (ptrdiff_t node = start; node < start + count; node++) {
      const float *gates = t.gates + node * 3 * H, *dh = d.states + node * 2 * H;
      float *z = d.gates + node * 3 * H;
      for (ptrdiff_t j = 0; j < H; j += kWidth) {
        const ptrdiff_t left = H - j;
        const Vector i = load(gates + j, left), g = load(gates + H + j, left), o = load(gates + 2 * H + j, left);
        const Vector q = tanh(load(t.states + node * 2 * H + H + j, left)), arriving = load(dh + j, left);
        const Vector dc = load(dh + H + j, left) + arriving * o * (1.0f - q * q);
        store(z + j, dc * g * (i - i * i), left);
        store(z + H + j, dc * i * (1.0f - g * g), left);
        store(z + 2 * H + j, arriving * q * (o - o * o), left);
        for (ptrdiff_t child = node * t.arity; t.children && child < (node + 1) * t.arity; child++) {
          const Vector f = load(t.forgets + child * H + j, left);
          store(forgets + child * H + j, dc * load(t.children + child * 2 * H + H + j, left) * (f - f * f), left);
          store(d.children + child * 2 * H + H + j, dc * f, left);
        }
      }
    }
  });
}

void treeNodesGradient(const TreeNodes &t, const TreeNodesGradient &given) {
  if (!t.children) return differentiateNodes(t, given, nullptr);
  const ptrdiff_t H = t.hidden, count = t.nodes * t.arity;
  TreeNodesGradient d = given;
  d.gates = workspace(Workspace::treeGates, t.nodes * 3 * H);
  float *forgets = workspace(Workspace::treeForgets, count * H), *ofSums = workspace(Workspace::treeGradients, t.nodes * H);
  differentiateNodes(t, d, forgets);
  const ChildSums c = sumChildren(t);
  multiply(H, 3 * H, t.nodes, c.sums, true, d.gates, false, {}, d.sum);
  multiply(H, H, count, c.h, true, forgets, false, {}, d.forget);
  sumRows(1, t.nodes, 3 * H, d.gates, d.bias);
  sumRows(1, count, H, forgets, d.forgetBias);
  // What flows back to a child: through its own gate, and through the sum.
  multiply(t.nodes, H, 3 * H, d.gates, false, t.sum, true, {}, ofSums);
  multiply(count, H, H, forgets, false, t.forget, true, {}, c.h);
  for (ptrdiff_t child = 0; child < count; child++)
    addRows(1, 1, H, c.h + child * H, ofSums + child / t.arity * H, d.children + child * 2 * H);
}

}  // namespace
}  // namespace unroll
