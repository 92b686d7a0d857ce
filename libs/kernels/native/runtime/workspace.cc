#include "workspace.h"

#include <cstdlib>
#include <new>

namespace unroll {
namespace {

struct Buffer {
  float *memory = nullptr;
  ptrdiff_t size = 0;
  ~Buffer() { std::free(memory); }
};

}  // namespace

float *workspace(Workspace name, ptrdiff_t floats) {
  static thread_local Buffer buffers[int(Workspace::count)];
  Buffer &buffer = buffers[int(name)];
  if (buffer.size < floats) {
    std::free(buffer.memory);
    buffer.size = 0;
    buffer.memory = static_cast<float *>(std::aligned_alloc(64, (size_t(floats) * sizeof(float) + 63) / 64 * 64));
    if (!buffer.memory) throw std::bad_alloc();
    buffer.size = floats;
  }
  return buffer.memory;
}

}  // namespace unroll
