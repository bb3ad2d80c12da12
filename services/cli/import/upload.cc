// One client stream.
#include "services/cli/import/upload.h"

namespace rapport::cli {

absl::StatusOr<directory::v1::UpsertTherapistsResponse> Upload(
    const Services& services, const std::vector<directory::v1::UpsertTherapistsRequest>& rows) {
  grpc::ClientContext context;
  services.SetDeadline(context);
  directory::v1::UpsertTherapistsResponse response;
  const auto stream = services.Get<DirectoryStub>().UpsertTherapists(&context, &response);
  for (const auto& row : rows) {
    if (!stream->Write(row)) break;  // the stream is broken: Finish says why
  }
  stream->WritesDone();
  if (const grpc::Status status = stream->Finish(); !status.ok()) return FromCall(status);
  return response;
}

}  // namespace rapport::cli
