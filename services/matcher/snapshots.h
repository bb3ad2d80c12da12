// Snapshots: a network's state at one log position, kept beside the log so that a start reads the newest one
// and folds the few events after it. Never the truth: one that is damaged, of another catalog or format, or
// older than the newest published model is passed over, and the log folded.
#ifndef RAPPORT_SERVICES_MATCHER_SNAPSHOTS_H_
#define RAPPORT_SERVICES_MATCHER_SNAPSHOTS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/catalog.h"
#include "matcher/state/state.h"
#include "services/storage/database.h"

namespace rapport::matcher_service {

inline constexpr absl::string_view kSnapshotSchema = R"sql(
CREATE TABLE snapshots (
  network TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position > 0), -- of the log
  format TEXT NOT NULL, -- of the program and the catalog that wrote it
  model_version INTEGER NOT NULL,
  parts INTEGER NOT NULL, -- 0 while it is being written
  PRIMARY KEY (network, position)
) STRICT;
CREATE TABLE snapshot_parts (
  network TEXT NOT NULL,
  position INTEGER NOT NULL,
  part INTEGER NOT NULL, -- 0 to below parts
  payload BLOB NOT NULL, -- rapport.log.v1.SnapshotPart
  checksum INTEGER NOT NULL,
  PRIMARY KEY (network, position, part)
) STRICT;
)sql";

// Thread-safe; one writer of a network at a time.
class Snapshots {
 public:
  // `catalog_text`: all of the catalog, in whatever form, to know the same one again. `database` must outlive
  // this.
  Snapshots(storage::Database& database, std::shared_ptr<const matcher::Catalog> catalog,
            absl::string_view catalog_text);

  // Keeps `state`, whose position is above 0, in many small commits, then drops older ones. Nothing is left
  // of one that could not be written whole, if need be after the next. Errors of the database.
  absl::Status Keep(absl::string_view network, const matcher::State& state);

  // The state of the newest usable snapshot with the parameters of model `model_version`; null: there is
  // none. Parts are read by as many threads as there are processors. Errors of the database.
  absl::StatusOr<std::shared_ptr<matcher::State>> Newest(absl::string_view network,
                                                         std::int64_t model_version) const;

  // Log position of the snapshot that the next start would begin at, were model `model_version` in force
  // then: one that this object has kept or read. 0: there is none.
  std::int64_t UsablePosition(absl::string_view network, std::int64_t model_version) const;

 private:
  struct Usable {
    std::int64_t position = 0;
    std::int64_t model_version = 0;
  };
  void NoteUsable(absl::string_view network, Usable usable) const;
  absl::Status Write(absl::string_view network, const matcher::State& state);
  absl::Status Drop(absl::string_view network, std::int64_t except_position);

  storage::Database& database_;
  const std::shared_ptr<const matcher::Catalog> catalog_;
  const std::string format_;
  mutable std::mutex mutex_;
  mutable absl::flat_hash_map<std::string, Usable> usable_;  // by network
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_SNAPSHOTS_H_
