// Every limit of the runtime, with its reason. What an operator may want to change is a default of options.h
// as well.
#ifndef RAPPORT_SERVICES_RUNTIME_LIMITS_H_
#define RAPPORT_SERVICES_RUNTIME_LIMITS_H_

#include <cstddef>

#include "absl/time/time.h"

namespace rapport::runtime {

// Messages. gRPC's own default, said aloud: no request of ours needs more, and it bounds memory per call.
inline constexpr int kMaxReceiveMessageBytes = 4 << 20;
// An answer above this would be refused by a client with gRPC's default limit anyway.
inline constexpr int kMaxSendMessageBytes = 4 << 20;
// Metadata: a bearer token and trace headers fit in 8 KiB with room.
inline constexpr int kMaxMetadataBytes = 8 << 10;
// A caller's x-request-id longer than this is replaced: it goes into every log line.
inline constexpr size_t kMaxRequestIdLength = 128;
// A W3C traceparent has 55 characters in version 00; later versions may append.
inline constexpr size_t kMaxTraceparentLength = 128;
// Violations told in the text of an error as well, for whoever reads only that.
inline constexpr size_t kMaxViolationsInMessage = 10;
// Error details travel as trailing metadata, for which stock clients allow 8 KiB in all, a third more on the
// wire than their bytes (base64): violations beyond this sum are counted but not listed, and texts are cut.
inline constexpr size_t kMaxViolationsBytes = 3 << 10;
inline constexpr size_t kMaxViolationLength = 256;
inline constexpr size_t kMaxErrorMessageLength = 1 << 10;

// Deadlines. A unary call without one gets the default; a longer one is shortened to the maximum.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);
inline constexpr absl::Duration kMaxDeadline = absl::Minutes(5);

// Executor. A full queue of short calls is a second or so of work: whoever waits longer has given up.
inline constexpr int kDefaultWorkers = 4;
inline constexpr int kMaxWorkers = 256;
inline constexpr int kDefaultQueueLength = 256;
inline constexpr int kMaxQueueLength = 65536;
// Calls of one connection that may be open at once: what is beyond waits with the caller, who gives up at the
// deadline. gRPC takes in whatever comes before a handler sees it, and once more is open than can be answered
// within the deadline, all work goes into calls that nobody waits for any more; HTTP/2 asks for at least 100.
inline constexpr int kDefaultOpenCalls = 128;
inline constexpr int kMaxOpenCalls = 65536;
// What an overloaded server asks of its callers: long enough for a queue to empty.
inline constexpr absl::Duration kOverloadRetryAfter = absl::Seconds(1);

// Streams. One upload: services may take less.
inline constexpr size_t kMaxMessagesPerClientStream = 100'000;
// Messages read ahead and handled together, up to a sum of bytes: amortises a commit, bounds memory.
inline constexpr size_t kClientStreamBatch = 64;
inline constexpr size_t kClientStreamBatchBytes = 4 << 20;
// Messages waiting for a consumer; a slower one is ended and can ask for the state afresh.
inline constexpr size_t kServerStreamQueue = 256;

// Page tokens of list RPCs.
inline constexpr size_t kMaxPageTokenLength = 4096;

// Shutdown. Health is red for the delay so that balancers look elsewhere; then calls in flight have the
// grace.
inline constexpr absl::Duration kDefaultDrainDelay = absl::Seconds(5);
inline constexpr absl::Duration kDefaultGrace = absl::Seconds(20);
inline constexpr absl::Duration kMaxDrain = absl::Minutes(5);

// Connections are renewed so that new replicas get traffic: new calls go to a new one, calls in flight (a
// watch may last for days) end in their own time on the old.
inline constexpr absl::Duration kMaxConnectionAge = absl::Minutes(5);
// Keepalive finds dead peers; callers may ping as often as every ten seconds.
inline constexpr absl::Duration kKeepaliveTime = absl::Seconds(30);
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(10);
inline constexpr absl::Duration kMinPingInterval = absl::Seconds(10);

// Readiness checks are asked this often; an orchestrator probes at about the same pace.
inline constexpr absl::Duration kReadinessInterval = absl::Seconds(1);
// Threads of the metrics and health port: each is held by one connection, which must say what it wants within
// the time below.
inline constexpr size_t kHttpThreads = 16;
inline constexpr int kHttpTimeoutSeconds = 1;
inline constexpr size_t kMaxHttpRequestBytes = 4 << 10;

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_LIMITS_H_
