// The monthly file of the United States' provider registry (NPPES data dissemination, "npidata_pfile"): about
// 330 columns, of which we read those that say who may treat where. Names as in the file's published header.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/import/nppes_taxonomies.h"
#include "services/cli/import/profile_columns.h"
#include "services/cli/import/row_format.h"

namespace rapport::cli {
namespace {

constexpr char kNpi[] = "NPI";
constexpr char kEntityType[] = "Entity Type Code";
constexpr char kLastName[] = "Provider Last Name (Legal Name)";
constexpr char kFirstName[] = "Provider First Name";
constexpr char kCredentialText[] = "Provider Credential Text";
constexpr char kCity[] = "Provider Business Practice Location Address City Name";
constexpr char kState[] = "Provider Business Practice Location Address State Name";
constexpr char kCountry[] = "Provider Business Practice Location Address Country Code (If outside U.S.)";
constexpr char kLastUpdate[] = "Last Update Date";
constexpr char kDeactivated[] = "NPI Deactivation Date";
constexpr char kReactivated[] = "NPI Reactivation Date";
constexpr char kTaxonomy[] = "Healthcare Provider Taxonomy Code_";
constexpr char kLicence[] = "Provider License Number_";
constexpr char kLicenceState[] = "Provider License Number State Code_";
constexpr int kTaxonomies = 15;

constexpr char kIndividual[] = "1";
constexpr char kNotMentalHealth[] = "not a mental-health provider";
constexpr char kOrganisation[] = "an organisation";
constexpr char kWithdrawn[] = "deactivated in the registry: licences withdrawn";

// The registry writes month/day/year; an unreadable day stays as it is and is refused later, with its text.
std::string IsoDay(absl::string_view day) {
  const std::vector<absl::string_view> parts = absl::StrSplit(day, '/');
  if (parts.size() != 3) return std::string(day);
  return absl::StrCat(parts[2], "-", parts[0], "-", parts[1]);
}

bool IsStateCode(absl::string_view text) {
  return text.size() == 2 && absl::ascii_isupper(static_cast<unsigned char>(text[0])) &&
         absl::ascii_isupper(static_cast<unsigned char>(text[1]));
}

bool IsMentalHealth(absl::string_view code) {
  return std::any_of(std::begin(kMentalHealthTaxonomies), std::end(kMentalHealthTaxonomies),
                     [&](const Taxonomy& taxonomy) { return code == taxonomy.code; });
}

class Nppes : public RowFormat {
 public:
  explicit Nppes(const Header& header) {
    for (size_t i = 0; i < header.size(); ++i) {
      if (!position_.try_emplace(header[i], i).second) twice_.insert(header[i]);
    }
    for (int i = 0; i < kTaxonomies; ++i) {
      taxonomies_[i] = {absl::StrCat(kTaxonomy, i + 1), absl::StrCat(kLicence, i + 1),
                        absl::StrCat(kLicenceState, i + 1)};
    }
  }

  // A column that is read and that the file has twice; empty where there is none.
  std::string Twice() const {
    std::vector<std::string> read = {kNpi,   kEntityType, kLastName,   kFirstName,   kCredentialText, kCity,
                                     kState, kCountry,    kLastUpdate, kDeactivated, kReactivated};
    for (const auto& [code, licence, state] : taxonomies_) read.insert(read.end(), {code, licence, state});
    const auto found = std::find_if(read.begin(), read.end(),
                                    [&](const std::string& name) { return twice_.contains(name); });
    return found == read.end() ? "" : *found;
  }

  std::vector<std::string> Missing() const {
    std::vector<std::string> missing;
    for (const char* name : {kNpi, kEntityType, kLastName, kFirstName, kCredentialText, kCity, kState,
                             kLastUpdate, kDeactivated, kReactivated}) {
      if (position_.count(name) == 0) missing.emplace_back(name);
    }
    if (position_.count(taxonomies_[0].code) == 0) missing.push_back(taxonomies_[0].code);
    if (position_.count(taxonomies_[0].state) == 0) missing.push_back(taxonomies_[0].state);
    return missing;
  }

  RowText Read(const std::vector<std::string>& fields) const override {
    auto get = [&](const std::string& column) -> std::string {
      const auto position = position_.find(column);
      return position == position_.end() ? "" : fields[position->second];
    };
    RowText row;
    row.cells.resize(ProfileColumns().size());
    const bool deactivated =
        !get(kDeactivated).empty() && IsoDay(get(kReactivated)) < IsoDay(get(kDeactivated));
    auto set = [&](absl::string_view column, std::string text) {
      row.cells[*FindProfileColumn(column)] = std::move(text);
    };
    // The registry empties a deactivated number's other columns, its entity type among them.
    const bool may_be_known = get(kEntityType) == kIndividual || get(kEntityType).empty();
    if (deactivated && may_be_known) {
      row.withdrawn_because = kWithdrawn;
      set("therapist_id", get(kNpi));
      return row;
    }
    if (get(kEntityType) != kIndividual) {
      row.skipped_because = kOrganisation;
      return row;
    }
    const std::string updated = IsoDay(get(kLastUpdate));
    bool treats = false;
    std::vector<std::string> credentials;
    for (const auto& [code, licence, state] : taxonomies_) {
      if (!IsMentalHealth(get(code))) continue;
      treats = true;
      if (!IsStateCode(get(state))) continue;
      const std::string shown = get(licence).empty() ? get(code) : get(licence);
      const std::string credential =
          absl::StrCat("US-", get(state), ":licence:active:::", shown, ":", updated);
      if (std::find(credentials.begin(), credentials.end(), credential) == credentials.end()) {
        credentials.push_back(credential);
      }
    }
    if (!treats) {
      row.skipped_because = kNotMentalHealth;
      return row;
    }
    set("therapist_id", get(kNpi));
    set("display_name", absl::StrCat(get(kFirstName), get(kFirstName).empty() ? "" : " ", get(kLastName)));
    set("title", get(kCredentialText));
    set("credentials", JoinList(credentials));
    set("last_confirmed", updated);
    const bool in_country = get(kCountry).empty() || get(kCountry) == "US";
    if (in_country && IsStateCode(get(kState))) {
      set("place_region", absl::StrCat("US-", get(kState)));
      set("place_city", get(kCity));
    }
    return row;
  }

 private:
  struct TaxonomyColumns {
    std::string code;
    std::string licence;
    std::string state;
  };

  std::map<std::string, size_t> position_;
  std::set<std::string> twice_;  // names of more than one column
  std::array<TaxonomyColumns, kTaxonomies> taxonomies_;
};

}  // namespace

bool LooksLikeNppes(const Header& header) {
  // In whatever capitals: NppesFormat then says which are missing.
  auto has = [&](absl::string_view name) {
    return std::any_of(header.begin(), header.end(),
                       [&](const std::string& column) { return absl::EqualsIgnoreCase(column, name); });
  };
  return has(kNpi) && has(kEntityType);
}

absl::StatusOr<std::unique_ptr<RowFormat>> NppesFormat(const Header& header) {
  auto format = std::make_unique<Nppes>(header);
  if (const std::string twice = format->Twice(); !twice.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("line 1: the column \"", twice, "\" is there twice"));
  }
  const std::vector<std::string> missing = format->Missing();
  if (missing.empty()) return format;
  const bool in_other_capitals = std::all_of(missing.begin(), missing.end(), [&](const std::string& name) {
    return std::any_of(header.begin(), header.end(),
                       [&](const std::string& column) { return absl::EqualsIgnoreCase(column, name); });
  });
  return absl::InvalidArgumentError(absl::StrCat(
      "line 1: not a registry file, it has no column \"", absl::StrJoin(missing, "\", \""), "\"",
      in_other_capitals ? ": the names are there in other capitals, write them as the registry does" : ""));
}

}  // namespace rapport::cli
