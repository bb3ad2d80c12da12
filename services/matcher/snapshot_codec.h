// A network's state as the entries of a snapshot, and back: bit for bit, so that whoever starts from a
// snapshot has the numbers of whoever folded the log.
#ifndef RAPPORT_SERVICES_MATCHER_SNAPSHOT_CODEC_H_
#define RAPPORT_SERVICES_MATCHER_SNAPSHOT_CODEC_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "matcher/state/state.h"
#include "rapport/log/v1/snapshot.pb.h"

namespace rapport::matcher_service {

// Hands out every entry of `state`: the model first, then all else in no order that matters. A status of
// `each` ends it.
absl::Status ForEachEntry(const matcher::State& state,
                          absl::FunctionRef<absl::Status(const log::v1::SnapshotEntry&)> each);

// Entries as values, before they are put together. Parts may be decoded by several threads, each into one of
// its own.
struct DecodedEntries {
  std::vector<std::shared_ptr<const matcher::Listing>> held;
  std::vector<std::shared_ptr<const matcher::Listing>> departed;
  std::vector<std::pair<std::string, std::shared_ptr<const matcher::Needs>>> needs;
  std::vector<std::pair<std::string, std::shared_ptr<const matcher::FitCheckList>>> fit_checks;
  std::vector<std::pair<std::string, std::shared_ptr<const std::vector<std::string>>>> declined;
  std::vector<std::pair<std::string, std::shared_ptr<const matcher::RiskNotes>>> risk;
  std::vector<std::pair<std::string, std::shared_ptr<const matcher::ClientState>>> clients;
  std::vector<std::pair<std::string, std::shared_ptr<const matcher::TherapistState>>> therapists;
  std::unique_ptr<log::v1::KeptModel> model;
};

// REQUIRES: written by ForEachEntry with this very catalog.
void Decode(const matcher::Catalog& catalog, const log::v1::SnapshotEntry& entry, DecodedEntries& into);

// The state that `parts` are of, at `position`. The model must be in one of them.
std::shared_ptr<matcher::State> Assemble(const std::shared_ptr<const matcher::Catalog>& catalog,
                                         std::vector<DecodedEntries> parts, std::int64_t position);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_SNAPSHOT_CODEC_H_
