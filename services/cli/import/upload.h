// Sends profiles to the directory in streams of bounded length and hands back every row's verdict.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_UPLOAD_H_
#define RAPPORT_SERVICES_CLI_IMPORT_UPLOAD_H_

#include <vector>

#include "absl/status/statusor.h"
#include "rapport/directory/v1/directory.pb.h"
#include "services/cli/services.h"

namespace rapport::cli {

// Rows of one stream: far below the directory's limit of 10,000, so that the answer stays below gRPC's 4 MiB
// even when every row is refused for five reasons.
inline constexpr size_t kRowsPerStream = 2000;

// One stream. Errors: the server's; the rows before it may have been written, and can be sent again.
absl::StatusOr<directory::v1::UpsertTherapistsResponse> Upload(
    const Services& services, const std::vector<directory::v1::UpsertTherapistsRequest>& rows);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_UPLOAD_H_
