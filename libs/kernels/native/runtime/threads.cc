#include "threads.h"

#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace unroll {
namespace {

/// Worker threads that wait for work beside the caller's thread.
class Pool {
 public:
  ptrdiff_t size() const { return ptrdiff_t(workers.size()) + 1; }

  void resize(ptrdiff_t size) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      ending = true;
    }
    wake.notify_all();
    for (std::thread &worker : workers) worker.join();
    workers.clear();
    ending = false;
    for (ptrdiff_t i = 1; i < size; i++) workers.emplace_back([this] { workerLoop(); });
  }

  void run(ptrdiff_t parts, void (*work)(const void *, ptrdiff_t), const void *context) {
    if (parts <= 1 || workers.empty()) {
      for (ptrdiff_t part = 0; part < parts; part++) work(context, part);
      return;
    }
    std::unique_lock<std::mutex> lock(mutex);
    job = {parts, 0, 0, work, context, false};
    wake.notify_all();
    runParts(lock);
    done.wait(lock, [this] { return job.finished == job.parts; });
    if (job.outOfMemory) throw std::bad_alloc();
  }

 private:
  struct Job {
    ptrdiff_t parts, next, finished;
    void (*work)(const void *, ptrdiff_t);
    const void *context;
    bool outOfMemory;
  };

  void workerLoop() {
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return ending || job.next < job.parts; });
      if (ending) return;
      runParts(lock);
    }
  }

  /// Takes parts until none is left. The lock is held on entry and exit, but not while a part runs.
  void runParts(std::unique_lock<std::mutex> &lock) {
    while (job.next < job.parts) {
      const ptrdiff_t part = job.next++;
      bool failed = false;
      lock.unlock();
      try {
        job.work(job.context, part);
      } catch (const std::bad_alloc &) {
        failed = true;
      }
      lock.lock();
      job.outOfMemory = job.outOfMemory || failed;
      if (++job.finished == job.parts) done.notify_one();
    }
  }

  std::mutex mutex;
  std::condition_variable wake, done;
  std::vector<std::thread> workers;
  Job job{};
  bool ending = false;
};

// Never destroyed: the process may end while workers still use it.
Pool &pool = *new Pool();

}  // namespace

void parallel(ptrdiff_t parts, void (*work)(const void *, ptrdiff_t), const void *context) { pool.run(parts, work, context); }

ptrdiff_t threads() { return pool.size(); }

void setThreads(ptrdiff_t count) {
  if (count != pool.size()) pool.resize(count);
}

}  // namespace unroll
