#include "threads.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "denormals.h"
#include "placement.h"

namespace unroll {
namespace {

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");  // about as long as x86's pause, where yield is nothing
#endif
}

using Clock = std::chrono::steady_clock;

/// How long a thread looks out for work before it sleeps: waking it takes about as long. And for how long at most, where work comes back
/// to back.
constexpr std::chrono::microseconds kLookout(50), kLongLookout(500);

/// Waits for up to `most` until `ready`; returns whether it is. After kLookout, others may have the processor.
template <typename Ready>
bool spin(const Ready &ready, Clock::duration most = kLookout) {
  const auto began = Clock::now();
  for (auto now = began; now - began < most; now = Clock::now()) {
    for (int i = 0; i < 32; i++, relax())
      if (ready()) return true;
    if (now - began < kLookout) continue;
    std::this_thread::yield();
    if (Clock::now() - now > kLookout) break;  // it was wanted
  }
  return ready();
}

/// How long to look out for work after it took so long to come: twice as long, if it is sooner there than from sleep.
Clock::duration lookoutAfter(Clock::duration wait) {
  if (wait > kLongLookout) return kLookout;
  return 2 * wait > kLongLookout ? kLongLookout : 2 * wait > kLookout ? 2 * wait : kLookout;
}

/// Waits for a lock that others hold briefly, and does not sleep at once.
void acquire(std::unique_lock<std::mutex> &lock) {
  for (int looks = 0; looks < 256; looks++, relax())
    if (lock.try_lock()) return;
  lock.lock();
}

/// Worker threads that wait for work beside the caller's thread.
class Pool {
 public:
  ptrdiff_t size() const { return count.load(std::memory_order_relaxed); }

  void resize(ptrdiff_t size) {
    const std::lock_guard<std::mutex> only(users);
    {
      const std::lock_guard<std::mutex> lock(mutex);
      ending = true;
    }
    wake.notify_all();
    for (std::thread &worker : workers) worker.join();
    workers.clear();
    ending = false;
    spins = usableProcessors() > 1;
    placement.forget();
    for (ptrdiff_t i = 1; i < size; i++) workers.emplace_back([this] { workerLoop(); });
    count = size;
  }

  void run(ptrdiff_t parts, void (*work)(const void *, ptrdiff_t), const void *context) {
    // One caller at a time has the workers; another, in a thread of its own, does without.
    std::unique_lock<std::mutex> only(users, std::defer_lock);
    if (parts <= 1 || size() == 1 || !only.try_lock() || workers.empty()) {
      for (ptrdiff_t part = 0; part < parts; part++) work(context, part);
      return;
    }
    placement.keepApart(workers);
    std::unique_lock<std::mutex> lock(mutex, std::defer_lock);
    acquire(lock);
    job = {parts, 0, work, context, false};
    finished = 0;
    isOpen = true;
    wake.notify_all();
    runParts(lock);
    if (spins && finished != parts) {
      lock.unlock();
      spin([&] { return finished == parts; });
      acquire(lock);
    }
    done.wait(lock, [&] { return finished == parts; });
    if (job.outOfMemory) throw std::bad_alloc();
  }

 private:
  struct Job {
    ptrdiff_t parts, next;
    void (*work)(const void *, ptrdiff_t);
    const void *context;
    bool outOfMemory;
  };

  void workerLoop() {
    const FlushDenormals flush;
    Clock::duration lookout = kLookout;
    while (true) {
      const auto began = Clock::now();
      if (spins) spin([this] { return isOpen || ending; }, lookout);
      std::unique_lock<std::mutex> lock(mutex, std::defer_lock);
      acquire(lock);
      // Who was woken too late looks out for what comes next.
      if (!ending && !isOpen) wake.wait(lock);
      if (ending) return;
      lookout = lookoutAfter(Clock::now() - began);
      runParts(lock);
    }
  }

  /// Takes parts until none is left. The lock is held on entry and exit, but not while a part runs.
  void runParts(std::unique_lock<std::mutex> &lock) {
    while (job.next < job.parts) {
      const ptrdiff_t part = job.next++;
      if (job.next == job.parts) isOpen = false;
      bool failed = false;
      lock.unlock();
      try {
        job.work(job.context, part);
      } catch (const std::bad_alloc &) {
        failed = true;
      }
      acquire(lock);
      job.outOfMemory = job.outOfMemory || failed;
      if (++finished == job.parts) done.notify_one();
    }
  }

  std::mutex users;  // held by who runs a job
  std::mutex mutex;
  std::condition_variable wake, done;
  std::vector<std::thread> workers;
  Placement placement;
  Job job{};
  std::atomic<ptrdiff_t> count{1}, finished{0};
  std::atomic<bool> isOpen{false}, ending{false};  // whether parts are left
  bool spins = false;
};

// Never destroyed: the process may end while workers still use it.
Pool &pool = *new Pool();

constexpr int kLooks = 4096;  // at what another thread does, for longer than it takes where it has a core
constexpr int kYields = 64;   // of the core, before it is left to others for a while

/// One part of all rounds: how many are done, and the rounds that its own thread does.
struct Part {
  alignas(64) std::atomic<ptrdiff_t> done{0};
  alignas(64) std::atomic<ptrdiff_t> from{-1}, until{0};
  std::atomic<bool> hasCome{false}, isSlow{false};
};

/// A while without other threads after one lost its core, and kept others waiting: so long that waits take a small share of the time.
class Rest {
 public:
  bool isOver() const { return Clock::now().time_since_epoch().count() >= until; }
  void after(Clock::duration lost) {
    if (lost > Clock::duration(0)) until = (Clock::now() + kShare * lost).time_since_epoch().count();
  }

 private:
  static constexpr int kShare = 16;
  std::atomic<Clock::rep> until{0};
} rest;

}  // namespace

class Rounds {
 public:
  Rounds(ptrdiff_t rounds, ptrdiff_t count, RoundWork work, const void *context)
      : rounds(rounds), count(count), work(work), context(context) {}

  void take(ptrdiff_t part) {
    if (part == 0) lead();
    else follow(part);
  }

  void await(ptrdiff_t part, ptrdiff_t round) const {
    Part &p = parts[part];
    const Clock::duration lost = waitFor([&] { return p.done.load(std::memory_order_acquire) >= round; });
    if (lost == Clock::duration(0)) return;
    p.isSlow.store(true, std::memory_order_relaxed);
    if (std::this_thread::get_id() == caller) waited += lost;
  }

  /// How long threads that had lost their cores kept the caller's waiting. `ended`: when all was done.
  Clock::duration lost(Clock::time_point ended) const {
    const Clock::duration after = ended - led;
    return waited + (after > kLookout ? after : Clock::duration(0));
  }

  mutable std::atomic<bool> outOfMemory{false};

 private:
  /// Returns by how much that took longer than it may.
  template <typename Ready>
  static Clock::duration waitFor(const Ready &ready) {
    for (int looks = 0; looks < kLooks; looks++, relax())
      if (ready()) return Clock::duration(0);
    const auto began = Clock::now();
    for (int yields = 0; !ready(); yields++)
      if (yields < kYields) std::this_thread::yield();
      else std::this_thread::sleep_for(kLookout);
    return Clock::now() - began;
  }

  /// The caller's thread: its own part, and those whose threads have not come, or lose their cores.
  void lead() {
    for (ptrdiff_t round = 0; round < rounds; round++) {
      for (ptrdiff_t part = 1; part < count; part++) {
        Part &p = parts[part];
        if (p.from.load(std::memory_order_relaxed) < 0) {
          if (!p.hasCome.load(std::memory_order_relaxed)) continue;
          p.until.store(rounds, std::memory_order_relaxed);
          p.from.store(round, std::memory_order_release);
        } else if (p.isSlow.load(std::memory_order_relaxed) && p.until.load(std::memory_order_relaxed) == rounds) {
          // It may be in this round already, but not in the next.
          p.until.store(round + 1, std::memory_order_relaxed);
        }
      }
      one(round, 0);
      for (ptrdiff_t part = 1; part < count; part++) {
        const Part &p = parts[part];
        const bool has = p.from.load(std::memory_order_relaxed) >= 0 && round < p.until.load(std::memory_order_relaxed);
        if (!has) one(round, part);
      }
    }
    for (ptrdiff_t part = 1; part < count; part++) {
      await(part, rounds);
      if (parts[part].from.load(std::memory_order_relaxed) < 0) parts[part].from.store(rounds, std::memory_order_release);
    }
    led = Clock::now();
  }

  void follow(ptrdiff_t part) {
    Part &p = parts[part];
    p.hasCome.store(true, std::memory_order_relaxed);
    waitFor([&] { return p.from.load(std::memory_order_acquire) >= 0; });
    for (ptrdiff_t round = p.from.load(std::memory_order_relaxed);; round++) {
      // What the leader says of a round, it says before it ends the one before.
      await(0, round);
      if (round >= p.until.load(std::memory_order_relaxed)) return;
      one(round, part);
    }
  }

  void one(ptrdiff_t round, ptrdiff_t part) {
    try {
      work(context, round, part, *this);
    } catch (const std::bad_alloc &) {
      outOfMemory = true;
    }
    parts[part].done.store(round + 1, std::memory_order_release);
  }

  const ptrdiff_t rounds, count;
  const RoundWork work;
  const void *const context;
  Clock::time_point led;
  const std::thread::id caller = std::this_thread::get_id();
  mutable Clock::duration waited{0};  // the caller's thread, for others
  mutable Part parts[kMostParts];
};

void await(const Rounds &rounds, ptrdiff_t part, ptrdiff_t round) { rounds.await(part, round); }

void parallel(ptrdiff_t parts, void (*work)(const void *, ptrdiff_t), const void *context) { pool.run(parts, work, context); }

void parallelRounds(ptrdiff_t rounds, ptrdiff_t parts, RoundWork work, const void *context) {
  Rounds all(rounds, parts, work, context);
  const auto take = [](const void *own, ptrdiff_t part) { static_cast<Rounds *>(const_cast<void *>(own))->take(part); };
  pool.run(parts, take, &all);
  rest.after(all.lost(Clock::now()));
  if (all.outOfMemory) throw std::bad_alloc();
}

ptrdiff_t threads() { return pool.size(); }

ptrdiff_t threadsInRounds() {
  const ptrdiff_t most = pool.size() < kMostParts ? pool.size() : kMostParts;
  return most == 1 || rest.isOver() ? most : 1;
}

void setThreads(ptrdiff_t count) {
  if (count != pool.size()) pool.resize(count);
}

}  // namespace unroll
