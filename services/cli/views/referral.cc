// Layout of referrals.
#include "services/cli/views/referral.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/shortlist.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

using intake::v1::Referral;

std::string Spoken(absl::string_view enum_name, absl::string_view prefix) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(enum_name, prefix)), {{"_", " "}});
}

// What a person would do now, as a command.
std::string NextStep(const Referral& referral) {
  const std::string& id = referral.referral_id();
  switch (referral.state()) {
    case intake::v1::REFERRAL_STATE_DRAFT:
      return absl::StrCat("rapport referral submit ", id);
    case intake::v1::REFERRAL_STATE_SUBMITTED:
      return absl::StrCat(
          "a ranking is tried again every second: rapport referral watch ", id,
          "; if it stays so, the matcher is away or refuses the needs (intake's log says which)");
    case intake::v1::REFERRAL_STATE_NEEDS_TRIAGE:
      return absl::StrCat("a person looks first; then state the risk anew (rapport referral update ", id,
                          " --needs FILE --field risk) or close it");
    case intake::v1::REFERRAL_STATE_NO_MATCH:
      return "give up a rule (referral update, then submit) or close it";
    case intake::v1::REFERRAL_STATE_SHORTLISTED:
      return absl::StrCat("rapport referral choose ", id, " THERAPIST");
    case intake::v1::REFERRAL_STATE_OFFERED:
      return absl::StrCat("rapport referral respond ", id, " accepted|declined|no-answer");
    case intake::v1::REFERRAL_STATE_ACCEPTED:
      return absl::StrCat("rapport referral start ", id);
    case intake::v1::REFERRAL_STATE_IN_THERAPY:
      return absl::StrCat(
          "rapport feedback fit-check; where the bond does not come: rapport referral try-another ", id);
    default:
      return "";
  }
}

std::string LastTold(const intake::v1::Attempt& attempt) {
  if (attempt.has_ended_at()) return Moment(attempt.ended_at());
  if (attempt.has_started_at()) return Moment(attempt.started_at());
  if (attempt.has_answered_at()) return Moment(attempt.answered_at());
  return Moment(attempt.offered_at());
}

}  // namespace

std::string StateName(intake::v1::ReferralState state) {
  return Spoken(intake::v1::ReferralState_Name(state), "REFERRAL_STATE_");
}

std::string StateName(intake::v1::AttemptState state) {
  return Spoken(intake::v1::AttemptState_Name(state), "ATTEMPT_STATE_");
}

void PrintReferral(std::ostream& out, const Referral& referral) {
  out << "referral " << referral.referral_id() << " of client " << referral.client_id() << ": "
      << StateName(referral.state());
  if (referral.state() == intake::v1::REFERRAL_STATE_CLOSED) {
    out << " (" << Spoken(intake::v1::CloseReason_Name(referral.close_reason()), "CLOSE_REASON_") << ")";
  }
  out << "\nrevision " << referral.revision() << ", " << Moment(referral.updated_at()) << ", etag "
      << referral.etag() << "\n";
  for (const auto& reason : referral.triage_reasons()) Wrap(out, reason.sentence(), "triage: ", "        ");
  if (!referral.attempts().empty()) {
    out << "\ntried so far\n";
    Table table({{""}, {""}, {""}});
    for (const auto& attempt : referral.attempts()) {
      table.Add({attempt.therapist_id(), StateName(attempt.state()), LastTold(attempt)});
    }
    table.Print(out, 2);
  }
  const bool has_open_list = referral.state() == intake::v1::REFERRAL_STATE_SHORTLISTED ||
                             referral.state() == intake::v1::REFERRAL_STATE_NO_MATCH;
  if (has_open_list && referral.has_shortlist()) {
    out << "\n";
    PrintShortlist(out, referral.shortlist(), referral.needs());
  }
  if (const std::string next = NextStep(referral); !next.empty()) {
    out << "\n";
    const bool elsewhere = referral.state() != intake::v1::REFERRAL_STATE_NEEDS_TRIAGE;
    if (!referral.triage_reasons().empty() && elsewhere)
      Wrap(out, "a person looks, see triage", "now:  ", "      ");
    Wrap(out, next, "next: ", "      ");
  }
}

void PrintReferralLine(std::ostream& out, const Referral& referral) {
  out << Moment(referral.updated_at()) << "  revision " << referral.revision() << "  "
      << StateName(referral.state()) << "\n";
}

void PrintReferrals(std::ostream& out, const std::vector<Referral>& referrals) {
  Table table({{"referral"}, {"client", Align::kLeft, 24}, {"state"}, {"tries", Align::kRight}, {"changed"}});
  for (const Referral& referral : referrals) {
    table.Add({referral.referral_id(), referral.client_id(), StateName(referral.state()),
               absl::StrCat(referral.attempts_size()), Moment(referral.updated_at())});
  }
  table.Print(out);
}

}  // namespace rapport::cli
