// The state of a network as its log gives it, and the models that were published in it.
#ifndef RAPPORT_SERVICES_MATCHER_FOLDING_H_
#define RAPPORT_SERVICES_MATCHER_FOLDING_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/catalog.h"
#include "matcher/state/state.h"
#include "rapport/log/v1/event.pb.h"
#include "rapport/matcher/v1/model.pb.h"
#include "services/storage/database.h"
#include "services/storage/event_log.h"

namespace rapport::matcher_service {

// A row of the log as its message. FAILED_PRECONDITION: it is of a newer program.
absl::StatusOr<log::v1::Event> ParseEvent(absl::string_view network, const storage::event_log::Event& row);

// Reads the log after `after` up to its end, in batches between which nothing is held. `each` may end it with
// a status. Errors: as storage::event_log::Read, and those of ParseEvent.
absl::Status ReadLog(const storage::Database& database, absl::string_view network, std::int64_t after,
                     absl::FunctionRef<absl::Status(std::int64_t position, const log::v1::Event&)> each);

// Folds in what the log holds after `state`. Errors: as ReadLog; CANCELLED when `cancelled` says so.
absl::Status FoldOn(const storage::Database& database, absl::string_view network, matcher::State& state,
                    absl::FunctionRef<bool()> cancelled);

// The same for the last few events, within a transaction that sees them.
absl::Status FoldOn(storage::Transaction& tx, absl::string_view network, matcher::State& state);

// The key under which a published model's event is found.
std::string ModelKey(std::int64_t version);

// The newest published model, or the one with that number; nothing where there is none. Errors of the
// database.
absl::StatusOr<std::optional<matcher::v1::FitModel>> NewestModel(storage::Transaction& tx,
                                                                 absl::string_view network);
absl::StatusOr<std::optional<matcher::v1::FitModel>> FindModel(storage::Transaction& tx,
                                                               absl::string_view network,
                                                               std::int64_t version);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_FOLDING_H_
