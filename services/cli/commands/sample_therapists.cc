// rapport sample therapists: an invented network as CSV.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "services/cli/commands/bindings.h"
#include "services/cli/import/csv_writer.h"
#include "services/cli/json.h"
#include "services/cli/sample/network.h"

namespace rapport::cli {

Action BindSampleTherapists(CLI::App& app) {
  struct Flags {
    int count = 300;
    uint64_t seed = 1;
    std::string today;
  };
  auto flags = std::make_shared<Flags>();
  app.add_option("--count", flags->count, "How many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--seed", flags->seed, "Another seed, another network")->capture_default_str();
  app.add_option("--today", flags->today, "Day from which dates are counted, 2026-01-31; default: today");
  return Offline([flags](Session& session) -> absl::StatusOr<ExitCode> {
    absl::CivilDay today = absl::ToCivilDay(session.clock.Now(), absl::UTCTimeZone());
    if (!flags->today.empty() && !absl::ParseCivilTime(flags->today, &today)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--today ", flags->today, ": a day like 2026-01-31 expected"));
    }
    if (!session.json) WriteProfileHeader(session.out);
    for (int i = 1; i <= flags->count; ++i) {
      const therapist::v1::Therapist profile = SampleTherapist(flags->seed, i, today);
      if (session.json) {
        session.out << ToJsonLine(profile) << "\n";
      } else {
        WriteProfile(session.out, profile);
      }
    }
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
