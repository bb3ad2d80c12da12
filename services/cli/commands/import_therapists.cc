// rapport import therapists: read, check, send in bounded streams, report.
#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/commands/bindings.h"
#include "services/cli/failure.h"
#include "services/cli/flags.h"
#include "services/cli/import/import_report.h"
#include "services/cli/import/profile_reader.h"
#include "services/cli/import/upload.h"
#include "services/cli/json.h"
#include "services/cli/views/numbers.h"
#include "services/contract/catalog_file.h"
#include "services/contract/field_rules.h"
#include "services/contract/update_fields.h"
#include "services/contract/validate.h"

namespace rapport::cli {
namespace {

struct Flags {
  std::string file;
  FileFormat format = FileFormat::kAuto;
  std::string mapping_file;
  std::vector<std::string> defaults;
  std::string confirmed_on;
  std::vector<std::string> update_only;
  bool dry_run = false;
  std::string catalog_file;
  bool all = false;
  bool progress = false;
};

// A line that is written over itself, at most five times a second.
class Progress {
 public:
  Progress(Session& session, bool wanted)
      : session_(session),
        wanted_(wanted || session.err_is_terminal),
        started_(session.clock.Now()),
        shown_(started_) {}

  double Seconds() const { return absl::ToDoubleSeconds(session_.clock.Now() - started_); }
  void Show(int64_t rows, bool last = false) {
    if (!wanted_ || (!last && session_.clock.Now() - shown_ < absl::Milliseconds(200))) return;
    shown_ = session_.clock.Now();
    const double seconds = Seconds();
    const int64_t rate = seconds > 0 ? static_cast<int64_t>(static_cast<double>(rows) / seconds) : 0;
    session_.err << "\r" << Grouped(rows) << " rows, " << Grouped(rate) << " rows/s" << (last ? "\n" : "")
                 << std::flush;
  }

 private:
  Session& session_;
  const bool wanted_;
  const absl::Time started_;
  absl::Time shown_;
};

directory::v1::RowResult Verdict(const ProfileRow& row, directory::v1::UpsertVerdict verdict) {
  directory::v1::RowResult result;
  result.set_line(row.line);
  result.set_therapist_id(row.profile.therapist_id());
  result.set_verdict(verdict);
  for (const auto& violation : row.violations) *result.add_violations() = violation;
  return result;
}

constexpr char kNotInDirectory[] = "not in the directory";

// What the directory never takes from a mask.
constexpr std::initializer_list<absl::string_view> kFixedFields = {"therapist_id", "etag", "seats_free"};

// Checks --update-only before a row is sent: with a wrong field the directory would refuse every row.
absl::Status CheckUpdateOnly(const std::vector<std::string>& fields) {
  const google::protobuf::Descriptor& type = *therapist::v1::Therapist::descriptor();
  const google::protobuf::RepeatedPtrField<std::string> names(fields.begin(), fields.end());
  runtime::Violations violations;
  contract::ValidateUpdateFields(names, type, kFixedFields, "", violations);
  if (violations.empty()) return absl::OkStatus();
  std::vector<absl::string_view> allowed;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string& name = type.field(i)->name();
    if (std::find(kFixedFields.begin(), kFixedFields.end(), name) == kFixedFields.end()) {
      allowed.push_back(name);
    }
  }
  std::vector<std::string> mistakes;
  for (size_t i = 0; i < fields.size(); ++i) {
    const bool known = std::find(allowed.begin(), allowed.end(), fields[i]) != allowed.end();
    if (!known) mistakes.push_back(absl::StrCat("\"", fields[i], "\" is not a field that can be changed"));
  }
  if (mistakes.empty()) mistakes.emplace_back("a field is named twice");
  return absl::InvalidArgumentError(absl::StrCat("--update-only: ", absl::StrJoin(mistakes, "; "),
                                                 ". Fields are: ", absl::StrJoin(allowed, ", ")));
}

absl::StatusOr<ReaderOptions> OptionsOf(const Flags& flags, Session& session) {
  ReaderOptions options;
  options.format = flags.format;
  options.defaults = flags.defaults;
  options.confirmed_on = flags.confirmed_on;
  if (flags.mapping_file.empty()) return options;
  absl::StatusOr<std::string> text = ReadText(session, flags.mapping_file);
  if (!text.ok()) return text.status();
  absl::StatusOr<Mapping> mapping = Mapping::Parse(*text, flags.mapping_file);
  if (!mapping.ok()) return mapping.status();
  options.mapping = *std::move(mapping);
  return options;
}

// What stopped an import half-way, with where it happened and that nothing is lost by starting again.
absl::Status Interrupted(const absl::Status& status, absl::string_view where) {
  absl::Status told(status.code(), absl::StrCat("the import stopped at ", where,
                                                " (importing the file again is safe): ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view type, const absl::Cord& payload) { told.SetPayload(type, payload); });
  return told;
}

// Rows read and not yet reported: those to send, and those refused here in between.
class Batch {
 public:
  Batch(const Services& services, const std::vector<std::string>& update_only, ImportReport& report)
      : services_(services), update_only_(update_only), report_(report) {}

  absl::Status Add(ProfileRow row) {
    if (!row.violations.empty()) {
      refused_.push_back(Verdict(row, directory::v1::UPSERT_VERDICT_REFUSED));
    } else {
      directory::v1::UpsertTherapistsRequest& request = rows_.emplace_back();
      *request.mutable_therapist() = std::move(row.profile);
      request.set_line(row.line);
      if (!row.withdrawn_because.empty()) {
        request.mutable_update_mask()->add_paths("credentials");  // of which the row has none
        withdrawn_[row.line] = std::move(row.withdrawn_because);
      } else {
        for (const std::string& field : update_only_) request.mutable_update_mask()->add_paths(field);
      }
    }
    return rows_.size() + refused_.size() < kRowsPerStream ? absl::OkStatus() : Flush();
  }

  // Sends and reports, in the order of the file.
  absl::Status Flush() {
    std::vector<directory::v1::RowResult> results = std::exchange(refused_, {});
    if (!rows_.empty()) {
      absl::StatusOr<directory::v1::UpsertTherapistsResponse> response = Upload(services_, rows_);
      if (!response.ok()) {
        return Interrupted(response.status(), absl::StrCat("the rows from line ", rows_.front().line()));
      }
      position_ = response->position();
      results.insert(results.end(), response->rows().begin(), response->rows().end());
      rows_.clear();
    }
    std::stable_sort(results.begin(), results.end(),
                     [](const auto& a, const auto& b) { return a.line() < b.line(); });
    for (const auto& result : results) Report(result);
    withdrawn_.clear();
    return absl::OkStatus();
  }

  int64_t position() const { return position_; }

 private:
  void Report(const directory::v1::RowResult& result) {
    const auto withdrawn = withdrawn_.find(result.line());
    if (IsUnknown(result)) {
      report_.Skip(kNotInDirectory);
    } else if (withdrawn != withdrawn_.end() && result.verdict() == directory::v1::UPSERT_VERDICT_CHANGED) {
      report_.Withdraw(result, withdrawn->second);
    } else {
      report_.Count(result);
    }
  }

  // Of a masked row: nobody has this id. A row without a sound id is a mistake of the file's.
  static bool IsUnknown(const directory::v1::RowResult& result) {
    runtime::Violations wrong_id;
    contract::ValidateId(result.therapist_id(), "", wrong_id);
    return wrong_id.empty() && std::any_of(result.violations().begin(), result.violations().end(),
                                           [](const directory::v1::RowViolation& violation) {
                                             return violation.description() == contract::kMaskNeedsKnown;
                                           });
  }

  const Services& services_;
  const std::vector<std::string>& update_only_;
  ImportReport& report_;
  std::vector<directory::v1::UpsertTherapistsRequest> rows_;
  std::vector<directory::v1::RowResult> refused_;
  std::map<int64_t, std::string> withdrawn_;  // why, by line
  int64_t position_ = 0;
};

// The first name of a path: "hours" of "hours[2].start_hour".
absl::string_view FieldOf(absl::string_view path) {
  return path.substr(0, path.find_first_of(".["));
}

// A row as the directory would judge it, but for what only the directory knows (etags, and whom it has). Of a
// masked row the other fields are those that it has.
void Check(const matcher::Catalog& catalog, const std::vector<std::string>& update_only, absl::Time now,
           ProfileRow& row) {
  if (!row.violations.empty()) return;
  runtime::Violations violations;
  if (row.withdrawn_because.empty()) {
    contract::ValidateTherapist(catalog, row.profile, now, "", violations);
  } else {
    contract::ValidateId(row.profile.therapist_id(), "therapist_id", violations);
  }
  for (const auto& item : violations.items()) {
    const absl::string_view field = FieldOf(item.field_path);
    const bool comes_from_row = update_only.empty() || field == "therapist_id" ||
                                std::find(update_only.begin(), update_only.end(), field) != update_only.end();
    if (!comes_from_row) continue;
    row.violations.push_back(Violation(item.field_path, item.description));
  }
}

absl::StatusOr<ExitCode> Import(const Flags& flags, Session& session, const Services& services) {
  if (absl::Status status = CheckUpdateOnly(flags.update_only); !status.ok()) return status;
  absl::StatusOr<ReaderOptions> options = OptionsOf(flags, session);
  if (!options.ok()) return options.status();
  std::ifstream file;
  if (flags.file != "-") {
    file.open(flags.file, std::ios::binary);
    if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot open ", flags.file));
  }
  absl::StatusOr<ProfileReader> reader =
      ProfileReader::Create(flags.file == "-" ? session.in : file, *options);
  if (!reader.ok()) {
    return absl::Status(reader.status().code(), absl::StrCat(flags.file, ": ", reader.status().message()));
  }
  contract::LoadedCatalog catalog;
  if (flags.dry_run) {
    absl::StatusOr<contract::LoadedCatalog> loaded = contract::LoadCatalog(flags.catalog_file);
    if (!loaded.ok()) return FromFile(loaded.status());
    catalog = *std::move(loaded);
  }

  ImportReport::Options shown;
  shown.json = session.json;
  shown.dry_run = flags.dry_run;
  if (flags.all) shown.refused_shown = std::numeric_limits<int64_t>::max();
  ImportReport report(session.out, shown);
  Progress progress(session, flags.progress);
  Batch batch(services, flags.update_only, report);
  ProfileRow row;
  absl::Status sent;
  for (int64_t read = 0; reader->Next(row); ++read) {
    if (read % 1024 == 0) progress.Show(read);
    if (!row.skipped_because.empty()) {
      report.Skip(row.skipped_because);
    } else if (flags.dry_run) {
      Check(*catalog.catalog, flags.update_only, session.clock.Now(), row);
      report.Count(Verdict(row, row.violations.empty() ? directory::v1::UPSERT_VERDICT_ADDED
                                                       : directory::v1::UPSERT_VERDICT_REFUSED));
    } else if (sent = batch.Add(std::move(row)); !sent.ok()) {
      break;
    }
  }
  if (sent.ok()) sent = batch.Flush();
  // What was read before that is in.
  if (sent.ok() && !reader->status().ok()) {
    sent = Interrupted(reader->status(), flags.file == "-" ? "standard input" : flags.file);
  }
  progress.Show(report.rows(), /*last=*/true);
  report.Finish(reader->format_name(), progress.Seconds(), batch.position(), /*interrupted=*/!sent.ok());
  if (!sent.ok()) return sent;
  return report.refused() == 0 ? ExitCode::kOk : ExitCode::kRefused;
}

}  // namespace

Action BindImportTherapists(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  const Words<FileFormat> formats = {{"auto", FileFormat::kAuto},
                                     {"rapport", FileFormat::kRapport},
                                     {"nppes", FileFormat::kNppes},
                                     {"mapped", FileFormat::kMapped}};
  app.add_option("FILE", flags->file, "CSV with a header; - for standard input")->required();
  app.add_option("--format", flags->format, "auto, rapport (our own), nppes (US provider registry), mapped")
      ->transform(OneOf(formats))
      ->default_str("auto");
  app.add_option("--mapping", flags->mapping_file, "How the file's columns become ours");
  app.add_option("--default", flags->defaults,
                 "COLUMN=VALUE for rows that leave it empty, in our columns; repeatable")
      ->allow_extra_args(false);
  app.add_option("--confirmed-on", flags->confirmed_on,
                 "Day on which all rows were confirmed, whatever the file says");
  app.add_option("--update-only", flags->update_only,
                 "Change only this field of therapists already known (credentials, place, ...); repeatable")
      ->allow_extra_args(false);
  app.add_flag("--dry-run", flags->dry_run, "Read and check the file; send nothing");
  app.add_option("--catalog", flags->catalog_file,
                 "Catalog to check against in a dry run; default: the built-in one");
  app.add_flag("--all", flags->all, "Show every refused row, not only the first 20");
  app.add_flag("--progress", flags->progress, "Show progress even where standard error is no terminal");
  return Online(
      [flags](Session& session, const Services& services) { return Import(*flags, session, services); });
}

}  // namespace rapport::cli
