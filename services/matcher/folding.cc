#include "services/matcher/folding.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/matcher/event_codec.h"

namespace rapport::matcher_service {
namespace {

namespace event_log = storage::event_log;

// Events read in one snapshot; the fold between two reads holds no database connection.
constexpr std::int64_t kBatch = 4096;

constexpr char kModelKeys[] = "model:";
constexpr char kAfterModelKeys[] = "model;";  // the next character after ':'

absl::StatusOr<std::optional<matcher::v1::FitModel>> ModelOf(
    absl::string_view network, const absl::StatusOr<std::optional<event_log::Event>>& row) {
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  absl::StatusOr<log::v1::Event> event = ParseEvent(network, **row);
  if (!event.ok()) return event.status();
  return std::move(*event->mutable_model_published()->mutable_model());
}

}  // namespace

absl::StatusOr<log::v1::Event> ParseEvent(absl::string_view network, const event_log::Event& row) {
  log::v1::Event event;
  if (event.ParseFromString(row.payload) && event.kind_case() != log::v1::Event::KIND_NOT_SET) return event;
  return absl::FailedPreconditionError(absl::StrCat("event ", row.position, " of network ", network, " (",
                                                    row.kind,
                                                    ") is not known to this program: run the newer one"));
}

absl::Status ReadLog(const storage::Database& database, absl::string_view network, std::int64_t after,
                     absl::FunctionRef<absl::Status(std::int64_t, const log::v1::Event&)> each) {
  for (bool more = true; more;) {
    std::vector<event_log::Event> rows;
    const auto note = [&rows](const event_log::Event& row) {
      rows.push_back(row);
      return absl::OkStatus();
    };
    if (absl::Status status = event_log::Read(database, network, after, kBatch, note); !status.ok())
      return status;
    for (const event_log::Event& row : rows) {
      const absl::StatusOr<log::v1::Event> event = ParseEvent(network, row);
      if (!event.ok()) return event.status();
      after = row.position;
      if (absl::Status status = each(row.position, *event); !status.ok()) return status;
    }
    more = rows.size() == kBatch;
  }
  return absl::OkStatus();
}

absl::Status FoldOn(const storage::Database& database, absl::string_view network, matcher::State& state,
                    absl::FunctionRef<bool()> cancelled) {
  return ReadLog(database, network, state.position,
                 [&](std::int64_t position, const log::v1::Event& event) -> absl::Status {
                   if (cancelled()) return absl::CancelledError("the fold was ended");
                   matcher::Apply(ToDomain(*state.catalog, position, event), state);
                   return absl::OkStatus();
                 });
}

absl::Status FoldOn(storage::Transaction& tx, absl::string_view network, matcher::State& state) {
  return event_log::ReadWithin(tx, network, state.position, std::numeric_limits<std::int64_t>::max(),
                               [&](const event_log::Event& row) -> absl::Status {
                                 const absl::StatusOr<log::v1::Event> event = ParseEvent(network, row);
                                 if (!event.ok()) return event.status();
                                 matcher::Apply(ToDomain(*state.catalog, row.position, *event), state);
                                 return absl::OkStatus();
                               });
}

std::string ModelKey(std::int64_t version) {
  return absl::StrFormat("%s%018d", kModelKeys, version);
}

absl::StatusOr<std::optional<matcher::v1::FitModel>> NewestModel(storage::Transaction& tx,
                                                                 absl::string_view network) {
  return ModelOf(network, event_log::FindLastBySourceKey(tx, network, kModelKeys, kAfterModelKeys));
}

absl::StatusOr<std::optional<matcher::v1::FitModel>> FindModel(storage::Transaction& tx,
                                                               absl::string_view network,
                                                               std::int64_t version) {
  return ModelOf(network, event_log::FindBySourceKey(tx, network, ModelKey(version)));
}

}  // namespace rapport::matcher_service
