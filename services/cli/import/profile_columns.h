// The columns of our own CSV, one for each part of a profile that a file can say. Every other format is
// turned into the texts of these columns first, so there is one way from text to profile.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_PROFILE_COLUMNS_H_
#define RAPPORT_SERVICES_CLI_IMPORT_PROFILE_COLUMNS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::cli {

struct ProfileColumn {
  const char* name;   // in the header, and in messages
  bool is_list;       // items separated by ";"
  const char* field;  // of the profile, in proto names: what an update mask names
  // Sets the profile's part from a text that is not empty. INVALID_ARGUMENT: what is wrong with the text.
  absl::Status (*set)(absl::string_view text, therapist::v1::Therapist& profile);
  // The text that sets the same; empty where the profile says nothing.
  std::string (*get)(const therapist::v1::Therapist& profile);
};

// In the order in which they are written.
absl::Span<const ProfileColumn> ProfileColumns();

// Position in ProfileColumns.
std::optional<size_t> FindProfileColumn(absl::string_view name);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_PROFILE_COLUMNS_H_
