// On which processors threads run.
#pragma once
#include <cstddef>
#include <thread>
#include <vector>

namespace unroll {

/// How many processors the calling thread may use, or the machine has where the system does not tell; 0 where neither is known.
ptrdiff_t usableProcessors();

/// Keeps threads off the processor of the thread that gives them work.
///
/// A system may put a thread that is woken beside the one that wakes it: a virtual machine's does so where it is slow to wake a
/// processor that rests. Both then have one processor between them, and take turns at what they were to do at once.
class Placement {
 public:
  /// Moves `helpers` if the calling thread is no longer where it was at the last call, to the other processors that it may use.
  /// Does nothing where that is only one, or where the system gives no choice (macOS).
  void keepApart(std::vector<std::thread> &helpers);

  /// The next call is for other threads.
  void forget() { caller = -1; }

 private:
  int caller = -1;  // its processor
};

}  // namespace unroll
