#include "services/matcher/networks.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/matcher/folding.h"
#include "services/matcher/model_codec.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {
namespace {

// A replica that follows the log is behind by less than this.
constexpr absl::Duration kBehindRetryAfter = absl::Milliseconds(100);

// A snapshot stands for the events before it, which are not read at a start: they must be there all the same,
// for the next refit or catalog folds them anew. O(events), no payload is read.
absl::Status CheckWhole(const storage::Database& database, const std::string& network,
                        std::int64_t position) {
  std::int64_t events = 0;
  absl::Status read = database.Read([&](storage::Transaction& tx) {
    return tx.Query("SELECT COUNT(*) FROM events WHERE network = $1", {network},
                    [&](const storage::Row& row) {
                      events = row.Int(0);
                      return absl::OkStatus();
                    });
  });
  if (!read.ok() || events == position) return read;
  return absl::DataLossError(absl::StrCat("the log of network '", network, "' has ", events,
                                          " events, and its state was folded from ", position,
                                          ": some are missing; restore a backup"));
}

}  // namespace

Networks::Networks(std::shared_ptr<const matcher::Catalog> catalog)
    : empty_(std::make_shared<const matcher::State>(std::move(catalog))) {}

absl::Status Networks::Restore(const storage::Database& database, const Snapshots& snapshots) {
  std::vector<std::string> networks;
  absl::Status status = database.Read([&](storage::Transaction& tx) {
    return tx.Query("SELECT DISTINCT network FROM events ORDER BY network", {}, [&](const storage::Row& row) {
      networks.push_back(row.Text(0));
      return absl::OkStatus();
    });
  });
  if (!status.ok()) return status;
  for (const std::string& network : networks) {
    std::optional<matcher::v1::FitModel> published;
    status = database.Read([&](storage::Transaction& tx) -> absl::Status {
      absl::StatusOr<std::optional<matcher::v1::FitModel>> newest = NewestModel(tx, network);
      if (newest.ok()) published = *std::move(newest);
      return newest.status();
    });
    if (!status.ok()) return status;
    std::optional<matcher::Parameters> parameters;
    if (published) parameters = ToDomain(*published);
    if (parameters) {
      if (absl::Status fits = matcher::CheckParameters(*empty_->catalog, *parameters); !fits.ok()) {
        set_aside_[network] = {parameters->version, std::string(fits.message())};
        parameters.reset();
      }
    }
    auto kept = snapshots.Newest(network, parameters ? parameters->version : 0);
    if (!kept.ok()) return kept.status();
    std::shared_ptr<matcher::State> state = *std::move(kept);
    if (state == nullptr) {
      state = parameters ? std::make_shared<matcher::State>(empty_->catalog, *std::move(parameters))
                         : std::make_shared<matcher::State>(*empty_);
    }
    if (status = FoldOn(database, network, *state, [] { return false; }); !status.ok()) return status;
    if (status = CheckWhole(database, network, state->position); !status.ok()) return status;
    Publish(network, std::move(state));
  }
  return absl::OkStatus();
}

std::vector<std::string> Networks::Names() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, state] : heads_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
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
