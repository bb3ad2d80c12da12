// The feedback service on a workbench: its real parts on a real database file, a clock turned by hand, and a
// scripted matcher at the other end of a real connection. No delivery loop: tests step by themselves.
#ifndef RAPPORT_TESTS_SERVICES_FEEDBACK_BENCH_H_
#define RAPPORT_TESTS_SERVICES_FEEDBACK_BENCH_H_

#include <atomic>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "services/feedback/commands.h"
#include "services/feedback/delivery.h"
#include "services/feedback/matcher_client.h"
#include "services/feedback/risk_notes.h"
#include "services/runtime/clock.h"
#include "services/runtime/server_core.h"
#include "services/storage/database.h"
#include "tests/services/feedback/scripted_matcher.h"

namespace rapport::feedback {

// 2030-01-02 03:04:05 UTC, the bench's now.
absl::Time TestNow();

// Fit questions overall, again; facets heard, respected; frictions rushed, judged; instruments phq9 (total
// with cut-off 10, item9 with triage at 1), srs (total, higher is better, cut-off 36) and wai (bond and goals
// feed channels, total does not).
std::shared_ptr<const matcher::Catalog> TestCatalog();

// So long that a busy machine does not look like a matcher that is away.
inline constexpr MatcherPatience kLongPatience = {absl::Minutes(1), absl::Minutes(1)};

// Requests that are in order in every respect.
v1::RecordFitCheckRequest GoodFitCheck(const std::string& request_id = "r1");
v1::RecordInstrumentRequest GoodScores(const std::string& request_id, const std::string& instrument,
                                       const std::vector<std::pair<std::string, double>>& scores);

// The field paths of a BadRequest, in order.
std::vector<std::string> Paths(const absl::Status& status);

// The folder of one test, gone with it.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string DatabaseUrl() const;

 private:
  std::string path_;
};

class Bench {
 public:
  Bench();

  // Ends the process, so to speak: all but the database file is built anew.
  void Restart();

  // A caller's call with `patience` left.
  runtime::Call Call(absl::Duration patience = absl::Minutes(1)) const;

  // All feedback of the caller's network, newest first.
  std::vector<v1::Feedback> All();

  // The one piece of feedback there must be.
  v1::Feedback Only();

  // Prometheus text.
  std::string Metrics() { return metrics_.Text(); }
  std::string LogText() { return log_text_.str(); }

  ScriptedMatcher matcher;
  runtime::ManualClock clock;
  std::atomic<int> wakes = 0;

  storage::Database& database() { return *parts_->database; }
  Commands& commands() { return parts_->commands; }
  Delivery& delivery() { return parts_->delivery; }
  RiskNotes& risk_notes() { return parts_->risk_notes; }

 private:
  struct Parts {
    explicit Parts(Bench& bench);
    std::unique_ptr<storage::Database> database;
    MatcherClient client;
    Delivery delivery;
    RiskNotes risk_notes;
    Commands commands;
  };

  Folder folder_;
  std::ostringstream log_text_;
  runtime::SeededIds ids_{1};
  runtime::LoopbackAuthenticator authenticator_;
  runtime::Metrics metrics_;
  runtime::Log log_;
  runtime::ServerCore core_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rapport::feedback

#endif  // RAPPORT_TESTS_SERVICES_FEEDBACK_BENCH_H_
