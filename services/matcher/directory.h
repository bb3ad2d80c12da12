// The directory's business: profiles, confirmations and seats.
#ifndef RAPPORT_SERVICES_MATCHER_DIRECTORY_H_
#define RAPPORT_SERVICES_MATCHER_DIRECTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "rapport/directory/v1/directory.pb.h"
#include "services/matcher/id_order.h"
#include "services/matcher/log_writer.h"
#include "services/matcher/networks.h"
#include "services/matcher/verdicts.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/runtime/ids.h"
#include "services/runtime/page_token.h"

namespace rapport::matcher_service {

// Thread-safe. Errors are those of the RPCs (rapport/directory/v1/directory.proto).
class Directory {
 public:
  struct Parts {
    std::shared_ptr<const matcher::Catalog> catalog;
    const Networks& networks;
    LogWriter& writer;
    const runtime::Clock& clock;
    runtime::IdSource& ids;
    const runtime::PageTokens& page_tokens;
  };

  explicit Directory(Parts parts) : parts_(std::move(parts)) {}

  // Writes `rows` and adds their verdicts, in one commit; in several where a therapist stands in `rows` more
  // than once.
  absl::Status Upsert(const runtime::Call& call,
                      const std::vector<directory::v1::UpsertTherapistsRequest>& rows, Verdicts& verdicts);

  absl::StatusOr<directory::v1::GetTherapistResponse> Get(
      const runtime::Call& call, const directory::v1::GetTherapistRequest& request) const;
  // Mostly O(page); of some 20,000 therapists listed one page costs O(therapists of the network) (IdOrder).
  absl::StatusOr<directory::v1::ListTherapistsResponse> List(
      const runtime::Call& call, const directory::v1::ListTherapistsRequest& request) const;
  absl::StatusOr<directory::v1::DeleteTherapistResponse> Delete(
      const runtime::Call& call, const directory::v1::DeleteTherapistRequest& request);
  absl::StatusOr<directory::v1::ConfirmAvailabilityResponse> Confirm(
      const runtime::Call& call, const directory::v1::ConfirmAvailabilityRequest& request);
  absl::StatusOr<directory::v1::ReserveSlotResponse> Reserve(
      const runtime::Call& call, const directory::v1::ReserveSlotRequest& request);
  absl::StatusOr<directory::v1::ReleaseSlotResponse> Release(
      const runtime::Call& call, const directory::v1::ReleaseSlotRequest& request);

 private:
  // What the rows of one commit come to.
  struct Upload {
    Draft draft;
    absl::flat_hash_set<std::string> new_texts;  // that no profile has named before
  };

  directory::v1::RowResult UpsertOne(const matcher::State& state,
                                     const directory::v1::UpsertTherapistsRequest& row, absl::Time now,
                                     Upload& upload) const;

  const Parts parts_;
  mutable IdOrder by_id_;
};

// NOT_FOUND UNKNOWN_THERAPIST.
absl::Status UnknownTherapist(absl::string_view therapist_id);
// The same of one who is not in the directory of `state`; where they were once, metadata `left` is "true".
absl::Status MissingTherapist(const matcher::State& state, absl::string_view therapist_id);
// NOT_FOUND UNKNOWN_RESERVATION.
absl::Status UnknownReservation();

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_DIRECTORY_H_
