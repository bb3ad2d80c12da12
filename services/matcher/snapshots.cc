#include "services/matcher/snapshots.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "rapport/log/v1/snapshot.pb.h"
#include "services/matcher/snapshot_codec.h"
#include "services/storage/checksum.h"
#include "services/storage/request_ledger.h"

namespace rapport::matcher_service {
namespace {

using storage::Bytes;
using storage::Row;
using storage::Transaction;

// Raised with every change of what entries mean.
constexpr char kFormat[] = "9";

// A part is written in one commit, and read in one piece.
constexpr std::size_t kPartBytes = 2 << 20;

struct Found {
  std::int64_t position = 0;
  std::int64_t parts = 0;
};

absl::StatusOr<std::optional<DecodedEntries>> ReadPart(const storage::Database& database,
                                                       absl::string_view network, std::int64_t position,
                                                       std::int64_t part, const matcher::Catalog& catalog) {
  std::optional<DecodedEntries> decoded;
  absl::Status status = database.Read([&](Transaction& tx) {
    return tx.Query(
        "SELECT payload, checksum FROM snapshot_parts WHERE network = $1 AND position = $2 AND part = $3",
        {std::string(network), position, part}, [&](const Row& row) {
          const std::string payload = row.Blob(0);
          if (storage::Checksum().AddLong(payload).value() != row.Int(1)) return absl::OkStatus();
          google::protobuf::Arena arena;
          auto& message = *google::protobuf::Arena::CreateMessage<log::v1::SnapshotPart>(&arena);
          if (!message.ParseFromString(payload)) return absl::OkStatus();
          decoded.emplace();
          for (const log::v1::SnapshotEntry& entry : message.entries()) Decode(catalog, entry, *decoded);
          return absl::OkStatus();
        });
  });
  if (!status.ok()) return status;
  return decoded;
}

}  // namespace

Snapshots::Snapshots(storage::Database& database, std::shared_ptr<const matcher::Catalog> catalog,
                     absl::string_view catalog_text)
    : database_(database),
      catalog_(std::move(catalog)),
      format_(absl::StrCat(kFormat, ":", storage::request_ledger::Fingerprint(catalog_text))) {}

absl::Status Snapshots::Keep(absl::string_view network, const matcher::State& state) {
  const std::int64_t model_version = state.model.parameters().version;
  const std::int64_t usable = UsablePosition(network, model_version);
  if (usable >= state.position) return absl::OkStatus();
  // What a crash left, what is of another model, what is damaged.
  if (absl::Status status = Drop(network, usable); !status.ok()) return status;
  absl::Status status = Write(network, state);
  if (!status.ok()) {
    // On a disk that is full its parts would stand in the log's way.
    Drop(network, usable).IgnoreError();
    return status;
  }
  NoteUsable(network, {state.position, model_version});
  return Drop(network, state.position);
}

absl::Status Snapshots::Write(absl::string_view network, const matcher::State& state) {
  log::v1::SnapshotPart part;
  std::size_t bytes = 0;
  std::int64_t parts = 0;
  const auto write = [&]() -> absl::Status {
    const std::string payload = part.SerializeAsString();
    absl::Status status = database_.Write([&](Transaction& tx) {
      return tx
          .Execute(
              "INSERT INTO snapshot_parts (network, position, part, payload, checksum) VALUES ($1, $2, $3, "
              "$4, $5)",
              {std::string(network), state.position, parts, Bytes{payload},
               storage::Checksum().AddLong(payload).value()})
          .status();
    });
    if (!status.ok()) return status;
    ++parts;
    part.Clear();
    bytes = 0;
    return absl::OkStatus();
  };
  absl::Status status = ForEachEntry(state, [&](const log::v1::SnapshotEntry& entry) -> absl::Status {
    *part.add_entries() = entry;
    bytes += entry.ByteSizeLong();
    return bytes < kPartBytes ? absl::OkStatus() : write();
  });
  if (status.ok() && bytes > 0) status = write();
  if (!status.ok()) return status;
  return database_.Write([&](Transaction& tx) {
    return tx
        .Execute(
            "INSERT INTO snapshots (network, position, format, model_version, parts) VALUES ($1, $2, $3, $4, "
            "$5)",
            {std::string(network), state.position, format_, state.model.parameters().version, parts})
        .status();
  });
}

absl::Status Snapshots::Drop(absl::string_view network, std::int64_t except_position) {
  absl::Status status = database_.Write([&](Transaction& tx) {
    return tx
        .Execute("DELETE FROM snapshots WHERE network = $1 AND position <> $2",
                 {std::string(network), except_position})
        .status();
  });
  for (std::int64_t removed = 1; status.ok() && removed > 0;) {
    status = database_.Write([&](Transaction& tx) -> absl::Status {
      const absl::StatusOr<std::int64_t> count = tx.Execute(
          "DELETE FROM snapshot_parts WHERE (network, position, part) IN (SELECT network, position, part "
          "FROM "
          "snapshot_parts WHERE network = $1 AND position <> $2 LIMIT 16)",
          {std::string(network), except_position});
      if (count.ok()) removed = *count;
      return count.status();
    });
  }
  return status;
}

std::int64_t Snapshots::UsablePosition(absl::string_view network, std::int64_t model_version) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = usable_.find(network);
  return found != usable_.end() && found->second.model_version == model_version ? found->second.position : 0;
}

void Snapshots::NoteUsable(absl::string_view network, Usable usable) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  usable_[network] = usable;
}

absl::StatusOr<std::shared_ptr<matcher::State>> Snapshots::Newest(absl::string_view network,
                                                                  std::int64_t model_version) const {
  std::optional<Found> found;
  absl::Status status = database_.Read([&](Transaction& tx) {
    return tx.Query(
        "SELECT position, parts FROM snapshots WHERE network = $1 AND format = $2 AND model_version = $3 "
        "ORDER BY position DESC LIMIT 1",
        {std::string(network), format_, model_version}, [&](const Row& row) {
          found = Found{row.Int(0), row.Int(1)};
          return absl::OkStatus();
        });
  });
  if (!status.ok()) return status;
  if (!found) return nullptr;

  std::vector<DecodedEntries> parts(static_cast<std::size_t>(found->parts));
  std::vector<absl::Status> errors(std::max(1u, std::thread::hardware_concurrency()));
  std::atomic<std::int64_t> next = 0;
  std::atomic<bool> usable = true;
  const auto work = [&](absl::Status& error) {
    for (std::int64_t part = next++; part < found->parts && usable; part = next++) {
      absl::StatusOr<std::optional<DecodedEntries>> decoded =
          ReadPart(database_, network, found->position, part, *catalog_);
      if (!decoded.ok() || !*decoded) {
        error = decoded.status();
        usable = false;
        return;
      }
      parts[static_cast<std::size_t>(part)] = **std::move(decoded);
    }
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < errors.size(); ++i) threads.emplace_back([&, i] { work(errors[i]); });
  } catch (const std::system_error&) {
    // Fewer threads read the same parts.
  }
  work(errors[0]);
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& error : errors) {
    if (!error.ok()) return error;
  }
  const bool whole =
      std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.model != nullptr; });
  if (!usable || !whole) return nullptr;
  NoteUsable(network, {found->position, model_version});
  return Assemble(catalog_, std::move(parts), found->position);
}

}  // namespace rapport::matcher_service
