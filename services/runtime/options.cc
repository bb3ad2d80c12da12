// See options.h. CLI11 reports a value of the wrong form while parsing; Validate reports the ranges.
#include "services/runtime/options.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "services/runtime/address.h"
#include "services/runtime/errors.h"

namespace rapport::runtime {
namespace {

void CheckAddress(absl::string_view flag, absl::string_view text, bool insecure_loopback,
                  Violations& violations) {
  const absl::StatusOr<Address> address = ParseAddress(text);
  const absl::Status status = address.ok() ? PlaintextAllowed(*address, insecure_loopback) : address.status();
  if (!status.ok()) violations.Add(flag, status.message());
}

template <typename Value>
void CheckRange(absl::string_view flag, Value value, Value least, Value most, Violations& violations) {
  if (value < least || value > most) {
    violations.Add(flag, absl::StrCat("must be from ", absl::AlphaNum(least), " to ", absl::AlphaNum(most)));
  }
}

void CheckRange(absl::string_view flag, absl::Duration value, absl::Duration least, absl::Duration most,
                Violations& violations) {
  if (value < least || value > most) {
    violations.Add(
        flag, absl::StrCat("must be from ", absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
  }
}

void BindDuration(CLI::App& app, const std::string& flag, const std::string& env, absl::Duration& value,
                  const std::string& help) {
  app.add_option_function<std::string>(
         flag,
         [&value, flag](const std::string& text) {
           if (!absl::ParseDuration(text, &value)) {
             throw CLI::ValidationError(flag, "\"" + text + "\" is not a duration such as 500ms, 10s or 2m");
           }
         },
         help)
      ->envname(env)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

}  // namespace

absl::Status ServerOptions::Validate() const {
  Violations violations;
  CheckAddress("--address", address, insecure_loopback, violations);
  if (!http_address.empty()) CheckAddress("--http-address", http_address, insecure_loopback, violations);
  CheckRange("--workers", workers, 1, kMaxWorkers, violations);
  CheckRange("--queue-length", queue_length, 1, kMaxQueueLength, violations);
  CheckRange("--open-calls", open_calls, 1, kMaxOpenCalls, violations);
  CheckRange("--default-deadline", default_deadline, absl::Milliseconds(1), kMaxDeadline, violations);
  CheckRange("--drain-delay", drain_delay, absl::ZeroDuration(), kMaxDrain, violations);
  CheckRange("--grace", grace, absl::ZeroDuration(), kMaxDrain, violations);
  CheckRange("--readiness-interval", readiness_interval, absl::Milliseconds(1), absl::Minutes(1), violations);
  return violations.ToStatus();
}

void BindFlags(CLI::App& app, ServerOptions& options) {
  app.add_option("--address", options.address, "Where gRPC listens, host:port; port 0 takes any free one")
      ->envname("RAPPORT_ADDRESS")
      ->capture_default_str();
  app.add_option("--http-address", options.http_address,
                 "Where /metrics and /healthz listen, host:port; empty for no such port")
      ->envname("RAPPORT_HTTP_ADDRESS")
      ->capture_default_str();
  app.add_flag("--insecure-loopback", options.insecure_loopback,
               "Allow plaintext, on loopback only: for a laptop and for tests")
      ->envname("RAPPORT_INSECURE_LOOPBACK");
  app.add_option("--workers", options.workers,
                 absl::StrCat("Threads that run requests, 1 to ", kMaxWorkers, "; about the number of cores"))
      ->envname("RAPPORT_WORKERS")
      ->capture_default_str();
  app.add_option("--queue-length", options.queue_length,
                 absl::StrCat("Requests accepted and not begun, 1 to ", kMaxQueueLength,
                              "; a request beyond it is refused at once with RESOURCE_EXHAUSTED"))
      ->envname("RAPPORT_QUEUE_LENGTH")
      ->capture_default_str();
  app.add_option("--open-calls", options.open_calls,
                 absl::StrCat("Calls and streams of one connection that may be open at once, 1 to ",
                              kMaxOpenCalls, "; a call beyond it waits with its caller"))
      ->envname("RAPPORT_OPEN_CALLS")
      ->capture_default_str();
  BindDuration(app, "--default-deadline", "RAPPORT_DEFAULT_DEADLINE", options.default_deadline,
               "Deadline of a request whose caller set none, 1ms to 5m");
  BindDuration(app, "--drain-delay", "RAPPORT_DRAIN_DELAY", options.drain_delay,
               "On SIGTERM, how long health is red before calls are refused, 0s to 5m; longer than a "
               "balancer's probe");
  BindDuration(app, "--grace", "RAPPORT_GRACE", options.grace,
               "After the drain delay, how long calls in flight may take to end, 0s to 5m");
  BindDuration(app, "--readiness-interval", "RAPPORT_READINESS_INTERVAL", options.readiness_interval,
               "How often readiness checks are asked, 1ms to 1m");
  app.add_option_function<std::string>(
         "--log-level",
         [&options](const std::string& text) {
           const absl::StatusOr<Severity> level = ParseSeverity(text);
           if (!level.ok()) throw CLI::ValidationError("--log-level", std::string(level.status().message()));
           options.log_level = *level;
         },
         "Least severity that is logged: debug, info, warning, error")
      ->envname("RAPPORT_LOG_LEVEL")
      ->default_str("info");
}

}  // namespace rapport::runtime
