#include "workspace.h"

#include <new>

#include "memory.h"

namespace unroll {
namespace {

struct Buffer {
  float *memory = nullptr;
  ptrdiff_t size = 0;
  ~Buffer() { freeMemory(memory); }
};

}  // namespace

float *workspace(Workspace name, ptrdiff_t floats) {
  static thread_local Buffer buffers[int(Workspace::count)];
  Buffer &buffer = buffers[int(name)];
  if (buffer.size < floats) {
    freeMemory(buffer.memory);
    buffer.size = 0;
    buffer.memory = static_cast<float *>(allocateMemory(size_t(floats) * sizeof(float)));
    if (!buffer.memory) throw std::bad_alloc();
    buffer.size = floats;
  }
  return buffer.memory;
}

}  // namespace unroll
