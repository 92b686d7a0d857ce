// Nodes of child-sum tree-LSTMs, between the products of a level.
#pragma once
#include "../kernels.h"
#include "functions.h"
#include "split.h"

namespace unroll {
namespace {

void treeNodes(const TreeNodes &t) {
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

void treeNodesGradient(const TreeNodes &t, const TreeNodesGradient &d) {
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
          store(d.forgets + child * H + j, dc * load(t.children + child * 2 * H + H + j, left) * (f - f * f), left);
          store(d.children + child * 2 * H + H + j, dc * f, left);
        }
      }
    }
  });
}

}  // namespace
}  // namespace unroll
