// The threads that kernels spread their work over: one, the caller's, unless more are asked for.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace unroll {

/// Threads that wait for work beside the caller's. What is computed does not depend on how many there are: work is cut along what no
/// sum runs over.
class Pool {
 public:
  ~Pool() { resize(1); }

  ptrdiff_t size() const { return ptrdiff_t(helpers.size()) + 1; }

  void resize(ptrdiff_t size) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      ending = true;
    }
    wake.notify_all();
    for (std::thread &each : helpers) each.join();
    helpers.clear();
    ending = false;
    for (ptrdiff_t i = 1; i < size; i++) helpers.emplace_back([this] { help(); });
  }

  void run(ptrdiff_t parts, void (*work)(const void *, ptrdiff_t), const void *context) {
    if (parts <= 1 || helpers.empty()) {
      for (ptrdiff_t part = 0; part < parts; part++) work(context, part);
      return;
    }
    std::unique_lock<std::mutex> lock(mutex);
    job = {parts, 0, 0, work, context, false};
    wake.notify_all();
    takeParts(lock);
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

  void help() {
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return ending || job.next < job.parts; });
      if (ending) return;
      takeParts(lock);
    }
  }

  void takeParts(std::unique_lock<std::mutex> &lock) {
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
  std::vector<std::thread> helpers;
  Job job{};
  bool ending = false;
};

}  // namespace unroll
