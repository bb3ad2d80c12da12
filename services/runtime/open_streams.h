// The server streams that are open now, so that a shutdown can end each one politely instead of waiting for
// watchers that never leave by themselves.
#ifndef RAPPORT_SERVICES_RUNTIME_OPEN_STREAMS_H_
#define RAPPORT_SERVICES_RUNTIME_OPEN_STREAMS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "services/runtime/metrics.h"

namespace rapport::runtime {

// Thread-safe.
class OpenStreams {
 public:
  // `open` may count those of several.
  explicit OpenStreams(Gauge open) : open_(open) {}

  // Registers a stream; `end` is called at most once, from EndAll. Returns a ticket for Remove, or 0 after
  // EndAll: the stream is then not registered and ends itself.
  uint64_t Add(std::function<void()> end);

  // Forgets a stream. Its `end` may still be running in EndAll: it must hold what it needs alive.
  void Remove(uint64_t ticket);

  // Ends every stream, and refuses further ones.
  void EndAll();

  // EndAll ends those of `others` too: of another core behind the same server. Before the server starts.
  void EndToo(OpenStreams& others) { others_ = &others; }

 private:
  Gauge open_;
  std::mutex mutex_;
  std::map<uint64_t, std::function<void()>> ends_;
  uint64_t last_ticket_ = 0;
  bool ended_ = false;
  OpenStreams* others_ = nullptr;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_OPEN_STREAMS_H_
