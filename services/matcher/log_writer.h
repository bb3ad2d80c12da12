// The one way in which the matcher's state changes: a write is decided against the newest state, appended to
// the log in one transaction, and only then seen by readers. Writes that wait together share a commit.
#ifndef RAPPORT_SERVICES_MATCHER_LOG_WRITER_H_
#define RAPPORT_SERVICES_MATCHER_LOG_WRITER_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "matcher/state/state.h"
#include "rapport/log/v1/event.pb.h"
#include "services/matcher/networks.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/storage/database.h"
#include "services/storage/request_ledger.h"

namespace rapport::matcher_service {

// What a write wants: events to append (none: nothing changes), and the answer to give once they are kept.
struct Draft {
  std::vector<log::v1::Event> events;     // their recorded_at is set by the writer
  std::optional<std::string> source_key;  // of the only event; logged once for ever
  // The head's state folded anew with other parameters, at the head's position: takes its place before the
  // events.
  std::shared_ptr<const matcher::State> refolded;
  std::string response;  // serialised
};

// What a decision may look at.
struct Head {
  const matcher::State& state;
  storage::Transaction& transaction;
  absl::Time now;
};

struct Write {
  std::string network;
  // Where the answer is remembered: the same id gets the same answer. None: the write is idempotent by its
  // content.
  std::optional<storage::request_ledger::Key> key;
  std::string fingerprint;
  // Decides, at most once for each commit tried. An error refuses this write and no other.
  std::function<absl::StatusOr<Draft>(const Head&)> decide;
  // Whether a remembered answer may still be given; an error refuses it. Null: always.
  std::function<absl::Status(const Head&, const std::string& answered)> recall = nullptr;
};

// A write that is remembered by its request id.
Write RememberedWrite(const runtime::Call& call, const char* method, const std::string& request_id,
                      const google::protobuf::Message& request,
                      std::function<absl::StatusOr<Draft>(const Head&)> decide);

// Thread-safe; callers wait for the disk.
class LogWriter {
 public:
  LogWriter(storage::Database& database, Networks& networks, const runtime::Clock& clock)
      : database_(database), networks_(networks), clock_(clock) {}

  // The response of the draft (or the one remembered) once it is on disk and readers see it. Errors: those of
  // `decide`; ALREADY_EXISTS REQUEST_ID_REUSED; those of storage::Database::Write, and then nothing was
  // written.
  absl::StatusOr<std::string> Run(Write write);

  // Forgets answers that are older than the time for which they are kept. Errors: as
  // storage::Database::Write.
  absl::Status PruneLedger();

 private:
  struct Pending {
    Write write;
    bool done = false;
    absl::StatusOr<std::string> result = absl::UnknownError("undecided");
  };

  void Commit(const std::vector<Pending*>& batch);

  storage::Database& database_;
  Networks& networks_;
  const runtime::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable turn_;
  std::vector<Pending*> waiting_;
  bool committing_ = false;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_LOG_WRITER_H_
