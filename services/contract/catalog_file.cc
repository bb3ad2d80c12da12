#include "services/contract/catalog_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "services/contract/catalog_check.h"
#include "services/contract/catalog_lists.h"
#include "services/contract/catalog_place.h"
#include "services/contract/limits.h"
#include "services/contract/update_fields.h"

namespace rapport::contract {
namespace {

namespace proto = rapport::catalog::v1;

// Prints a modality with what a file must state and protobuf leaves out where it is false.
class ModalityPrinter : public google::protobuf::TextFormat::MessagePrinter {
 public:
  void Print(const google::protobuf::Message& message, bool,
             google::protobuf::TextFormat::BaseTextGenerator* generator) const override {
    const auto& modality = static_cast<const proto::Modality&>(message);
    generator->PrintString(absl::StrCat("id: \"", absl::Utf8SafeCEscape(modality.id()), "\"\nlabel: \"",
                                        absl::Utf8SafeCEscape(modality.label()),
                                        "\"\nin_person: ", modality.in_person() ? "true" : "false", "\n"));
  }
};

// Prints settings, zeros too: what a file leaves out is set to its default.
class SettingsPrinter : public google::protobuf::TextFormat::MessagePrinter {
 public:
  void Print(const google::protobuf::Message& message, bool,
             google::protobuf::TextFormat::BaseTextGenerator* generator) const override {
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      std::string value;
      google::protobuf::TextFormat::PrintFieldValueToString(message, type.field(i), -1, &value);
      generator->PrintString(absl::StrCat(type.field(i)->name(), ": ", value, "\n"));
    }
  }
};

// Collects what the parser complains of. Unknown fields are warnings to it, so that it reads on; to us they
// are mistakes like any other.
class Collector : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    mistakes.push_back({line, column, message});
  }
  void AddWarning(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    AddError(line, column, message);
  }

  std::vector<CatalogMistake> mistakes;
};

absl::Status ToStatus(const std::vector<CatalogMistake>& mistakes, absl::string_view file_name) {
  const auto line = [file_name](std::string* out, const CatalogMistake& mistake) {
    absl::StrAppend(out, file_name, ":", mistake.line + 1, ":", mistake.column + 1, ": ",
                    mistake.description);
  };
  return absl::InvalidArgumentError(absl::StrJoin(mistakes, "\n", line));
}

// The library's defaults as a message: they are stated once, in matcher/domain/catalog.h.
proto::Settings DefaultSettings() {
  const matcher::Settings defaults;
  proto::Settings settings;
  settings.set_confirmation_limit_days(defaults.confirmation_limit_days);
  settings.set_freshness_half_life_days(defaults.freshness_half_life_days);
  settings.set_reach_prior_mean(defaults.reach_prior_mean);
  settings.set_reach_prior_weight(defaults.reach_prior_weight);
  settings.set_start_probability(defaults.start_probability);
  settings.set_start_odds_per_week(defaults.start_odds_per_week);
  settings.set_bond_prior_mean(defaults.bond_prior_mean);
  settings.set_therapist_variance_share(defaults.therapist_variance_share);
  settings.set_client_variance_share(defaults.client_variance_share);
  settings.set_track_record_variance_share(defaults.track_record_variance_share);
  settings.set_client_slope_variance(defaults.client_slope_variance);
  settings.set_session_reliability(defaults.session_reliability);
  settings.set_switch_dropout(defaults.switch_dropout);
  settings.set_unsure_width(defaults.unsure_width);
  settings.set_switch_cost_per_week(defaults.switch_cost_per_week);
  settings.set_reservation_hours(static_cast<int>(absl::ToInt64Hours(defaults.reservation)));
  return settings;
}

// Only the file tells a setting of 0 from one left out.
void FillSettings(const CatalogPlace& place, proto::Settings& settings) {
  google::protobuf::RepeatedPtrField<std::string> missing;
  const google::protobuf::Descriptor& type = *proto::Settings::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (!place.States(type.field(i)->name())) missing.Add(std::string(type.field(i)->name()));
  }
  CopyFields(missing, DefaultSettings(), settings);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": there is no such catalog file"));
  }
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return absl::UnavailableError(absl::StrCat(path, ": cannot be read: ", error.message()));
  if (size > kMaxCatalogFileBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a catalog file must have at most ", kMaxCatalogFileBytes, " bytes"));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || text.size() != size) return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
  return text;
}

}  // namespace

absl::StatusOr<LoadedCatalog> ParseCatalog(absl::string_view text, absl::string_view file_name) {
  LoadedCatalog loaded;
  Collector collector;
  google::protobuf::TextFormat::ParseInfoTree records;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&records);
  parser.AllowUnknownField(true);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  // What follows a syntax error was not read, so nothing more can be said of it.
  if (!parser.Parse(&input, &loaded.message)) return ToStatus(collector.mistakes, file_name);

  const CatalogPlace place(*proto::Catalog::descriptor(), records);
  FillSettings(place.At("settings"), *loaded.message.mutable_settings());
  std::vector<CatalogMistake> mistakes = CheckCatalog(loaded.message, place);
  mistakes.insert(mistakes.begin(), collector.mistakes.begin(), collector.mistakes.end());
  if (!mistakes.empty()) return ToStatus(mistakes, file_name);

  absl::StatusOr<std::shared_ptr<const matcher::Catalog>> catalog =
      matcher::Catalog::Create(ToLists(loaded.message));
  if (!catalog.ok()) return catalog.status();
  loaded.catalog = *std::move(catalog);
  return loaded;
}

absl::StatusOr<LoadedCatalog> LoadCatalog(absl::string_view path) {
  if (path.empty()) return ParseCatalog(DefaultCatalogText(), "default.textproto");
  absl::StatusOr<std::string> text = ReadFile(std::string(path));
  if (!text.ok()) return text.status();
  return ParseCatalog(*text, path);
}

std::string CatalogText(const proto::Catalog& catalog) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  // Registered once each, which succeeds; from then on the printer owns them.
  printer.RegisterMessagePrinter(proto::Modality::descriptor(), new ModalityPrinter);
  printer.RegisterMessagePrinter(proto::Settings::descriptor(), new SettingsPrinter);
  std::string text;
  printer.PrintToString(catalog, &text);
  return text;
}

}  // namespace rapport::contract
