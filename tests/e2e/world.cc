// See world.h. Words are the built-in catalog's.
#include "tests/e2e/world.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/runtime/errors.h"
#include "services/runtime/ids.h"

namespace rapport::e2e {
namespace {

std::string NewId(absl::string_view prefix) {
  const runtime::RealClock clock;
  return runtime::RandomIds(clock).NewId(prefix);
}

void SetNow(google::protobuf::Timestamp& timestamp) {
  timestamp.set_seconds(absl::ToUnixSeconds(absl::Now()));
}

void AddAnswer(google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers, const char* id,
               double value) {
  matcher::v1::Answer& answer = *answers.Add();
  answer.set_id(id);
  answer.set_value(value);
}

}  // namespace

World NewWorld() {
  const std::string run = NewId("e2e");
  return {run, absl::StrCat("ZZ-", absl::AsciiStrToUpper(run.substr(run.size() - 3)))};
}

std::string TherapistId(const World& world, int number) {
  return absl::StrFormat("%s.t%02d", world.run, number);
}

therapist::v1::Therapist SuitableTherapist(const World& world, int number) {
  therapist::v1::Therapist therapist;
  therapist.set_therapist_id(TherapistId(world, number));
  therapist.set_display_name(absl::StrCat("Therapist ", number));
  therapist.set_invented(true);
  therapist::v1::Credential& licence = *therapist.add_credentials();
  licence.set_region(world.region);
  licence.set_kind(therapist::v1::CREDENTIAL_KIND_LICENCE);
  licence.set_status(therapist::v1::CREDENTIAL_STATUS_ACTIVE);
  therapist.add_payers("aetna");
  therapist.add_languages("en");
  therapist.add_age_groups("adult");
  therapist.add_formats("individual");
  therapist.add_modalities("video");
  therapist.set_seats(kSeats);
  therapist.set_wait_weeks(number % 4);
  SetNow(*therapist.mutable_last_confirmed());
  therapist.add_concerns("grief");
  if (number % 2 == 0) therapist.add_concerns("anxiety");
  if (number % 3 == 0) therapist.add_approaches("cbt");
  therapist::v1::StyleRating& style = *therapist.add_style();
  style.set_dimension("directiveness");
  style.set_value(number / 50. - 1);
  return therapist;
}

matcher::v1::Needs NeedsIn(const World& world) {
  matcher::v1::Needs needs;
  needs.mutable_location()->set_region(world.region);
  needs.add_payers("aetna");
  needs.add_languages("en");
  needs.set_age_group("adult");
  needs.set_format("individual");
  needs.add_modalities("video");
  needs.add_concerns("grief");
  needs.add_concerns("anxiety");
  needs.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_NONE);
  matcher::v1::Wish& style = *needs.add_wishes();
  style.mutable_style()->set_dimension("directiveness");
  style.mutable_style()->set_value(.6);
  style.set_strength(.7);
  matcher::v1::Wish& approach = *needs.add_wishes();
  approach.set_approach("cbt");
  approach.set_strength(.3);
  matcher::v1::Wish& facet = *needs.add_wishes();
  facet.set_facet("heard");
  facet.set_strength(1);
  return needs;
}

absl::StatusOr<directory::v1::UpsertTherapistsResponse> Upsert(
    const cli::Services& services, const std::vector<therapist::v1::Therapist>& therapists) {
  grpc::ClientContext context;
  services.SetDeadline(context);
  directory::v1::UpsertTherapistsResponse response;
  const auto writer = services.Get<cli::DirectoryStub>().UpsertTherapists(&context, &response);
  int64_t line = 0;
  for (const therapist::v1::Therapist& therapist : therapists) {
    directory::v1::UpsertTherapistsRequest row;
    *row.mutable_therapist() = therapist;
    row.set_line(++line);
    if (!writer->Write(row)) break;  // Finish says why
  }
  writer->WritesDone();
  if (absl::Status status = runtime::FromGrpc(writer->Finish()); !status.ok()) return status;
  return response;
}

feedback::v1::FitCheck BadSession() {
  feedback::v1::FitCheck check;
  check.set_session_number(1);
  SetNow(*check.mutable_occurred_at());
  AddAnswer(*check.mutable_answers(), "heard_respected", 3);
  AddAnswer(*check.mutable_answers(), "come_back", 2);
  AddAnswer(*check.mutable_facets(), "heard", 2);
  check.add_frictions("advice_before_understanding");
  check.add_frictions("too_directive");
  check.set_verdict(matcher::v1::VERDICT_WOULD_NOT_CONTINUE);
  return check;
}

feedback::v1::FitCheck GoodSession() {
  feedback::v1::FitCheck check;
  check.set_session_number(1);
  SetNow(*check.mutable_occurred_at());
  AddAnswer(*check.mutable_answers(), "heard_respected", 9);
  AddAnswer(*check.mutable_answers(), "come_back", 10);
  AddAnswer(*check.mutable_facets(), "heard", 9);
  check.set_verdict(matcher::v1::VERDICT_WOULD_CONTINUE);
  return check;
}

std::string NewRequestId() {
  return NewId("req");
}

}  // namespace rapport::e2e
