// One stream of profiles: rows are gathered into commits of a useful size, and counted against the stream's
// limit.
#ifndef RAPPORT_SERVICES_MATCHER_UPSERT_STREAM_H_
#define RAPPORT_SERVICES_MATCHER_UPSERT_STREAM_H_

#include <vector>

#include "absl/status/statusor.h"
#include "rapport/directory/v1/directory.pb.h"
#include "services/matcher/directory.h"
#include "services/matcher/verdicts.h"
#include "services/runtime/client_stream.h"

namespace rapport::matcher_service {

class UpsertStream final : public runtime::ClientStreamHandler<directory::v1::UpsertTherapistsRequest,
                                                               directory::v1::UpsertTherapistsResponse> {
 public:
  // `directory` must outlive this.
  explicit UpsertStream(Directory& directory) : directory_(directory) {}

  // RESOURCE_EXHAUSTED TOO_MANY_ROWS over the limit; the errors of Directory::Upsert.
  absl::Status OnBatch(const runtime::Call& call,
                       const std::vector<directory::v1::UpsertTherapistsRequest>& batch) override;
  absl::StatusOr<directory::v1::UpsertTherapistsResponse> OnEnd(const runtime::Call& call) override;

 private:
  absl::Status Flush(const runtime::Call& call);

  Directory& directory_;
  std::size_t received_ = 0;
  std::vector<directory::v1::UpsertTherapistsRequest> gathered_;
  std::size_t gathered_bytes_ = 0;
  Verdicts verdicts_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_UPSERT_STREAM_H_
