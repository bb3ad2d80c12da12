// Layout of profiles.
#include "services/cli/views/profile.h"

#include "absl/strings/str_cat.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/import/profile_columns.h"
#include "services/cli/views/table.h"

namespace rapport::cli {

void PrintProfile(std::ostream& out, const therapist::v1::Therapist& profile) {
  for (const ProfileColumn& column : ProfileColumns()) {
    const std::string text = column.get(profile);
    if (text.empty()) continue;
    const std::string label = absl::StrCat(column.name, std::string(19 - Width(column.name), ' '));
    // A list reads better with a space after each separator, where lines may break.
    std::string spaced;
    for (char c : text) {
      spaced += c;
      if (column.is_list && c == ';') spaced += ' ';
    }
    Wrap(out, spaced, label, std::string(19, ' '));
  }
  out << "seats_free         " << profile.seats_free() << "\n";
  if (!profile.etag().empty()) out << "etag               " << profile.etag() << "\n";
}

void PrintProfiles(std::ostream& out, const std::vector<therapist::v1::Therapist>& profiles) {
  Table table({{"id", Align::kLeft, 24},
               {"therapist", Align::kLeft, 32},
               {"place", Align::kLeft, 24},
               {"free", Align::kRight},
               {"confirmed"}});
  for (const auto& profile : profiles) {
    const std::string city = profile.place().city();
    table.Add({profile.therapist_id(),
               absl::StrCat(profile.display_name(), profile.title().empty() ? "" : ", ", profile.title()),
               absl::StrCat(profile.place().region(), city.empty() ? "" : " ", city),
               absl::StrCat(profile.seats_free(), "/", profile.seats()),
               FormatTime(profile.last_confirmed()).substr(0, 10)});
  }
  table.Print(out);
}

}  // namespace rapport::cli
