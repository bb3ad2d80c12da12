#include "services/matcher/networks.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/matcher/event_codec.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"
#include "services/storage/event_log.h"

namespace rapport::matcher_service {
namespace {

// Events read in one snapshot; the fold between two reads holds no database connection.
constexpr std::int64_t kRestoreBatch = 4096;

// A replica that follows the log is behind by less than this.
constexpr absl::Duration kBehindRetryAfter = absl::Milliseconds(100);

absl::Status Fold(const storage::Database& database, const std::string& network, matcher::State& state) {
  for (bool more = true; more;) {
    std::int64_t read = 0;
    const auto fold = [&](const storage::event_log::Event& row) -> absl::Status {
      log::v1::Event event;
      if (!event.ParseFromString(row.payload) || event.kind_case() == log::v1::Event::KIND_NOT_SET) {
        return absl::FailedPreconditionError(
            absl::StrCat("event ", row.position, " of network ", network, " (", row.kind,
                         ") is not known to this program: run the newer one"));
      }
      matcher::Apply(ToDomain(*state.catalog, row.position, event), state);
      ++read;
      return absl::OkStatus();
    };
    if (absl::Status status =
            storage::event_log::Read(database, network, state.position, kRestoreBatch, fold);
        !status.ok()) {
      return status;
    }
    more = read == kRestoreBatch;
  }
  return absl::OkStatus();
}

}  // namespace

Networks::Networks(std::shared_ptr<const matcher::Catalog> catalog)
    : empty_(std::make_shared<const matcher::State>(std::move(catalog))) {}

absl::Status Networks::Restore(const storage::Database& database) {
  std::vector<std::string> networks;
  absl::Status status = database.Read([&](storage::Transaction& tx) {
    return tx.Query("SELECT DISTINCT network FROM events ORDER BY network", {}, [&](const storage::Row& row) {
      networks.push_back(row.Text(0));
      return absl::OkStatus();
    });
  });
  if (!status.ok()) return status;
  for (const std::string& network : networks) {
    auto state = std::make_shared<matcher::State>(*empty_);
    if (status = Fold(database, network, *state); !status.ok()) return status;
    Publish(network, std::move(state));
  }
  return absl::OkStatus();
}

std::shared_ptr<const matcher::State> Networks::Head(absl::string_view network) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = heads_.find(network);
  return found == heads_.end() ? empty_ : found->second;
}

absl::StatusOr<std::shared_ptr<const matcher::State>> Networks::HeadAtLeast(absl::string_view network,
                                                                            std::int64_t min_as_of) const {
  std::shared_ptr<const matcher::State> head = Head(network);
  if (head->position >= min_as_of) return head;
  return runtime::WithRetryAfter(
      runtime::Error(
          absl::StatusCode::kFailedPrecondition, kBehind,
          absl::StrCat("this state includes log position ", head->position, ", not yet ", min_as_of),
          {{"as_of", absl::StrCat(head->position)}, {"min_as_of", absl::StrCat(min_as_of)}}),
      kBehindRetryAfter);
}

void Networks::Publish(absl::string_view network, std::shared_ptr<const matcher::State> state) {
  const std::lock_guard<std::mutex> lock(mutex_);
  heads_[network].swap(state);  // the old state ends after the lock is given back
}

}  // namespace rapport::matcher_service
