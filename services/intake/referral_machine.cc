// See referral_machine.h.
#include "services/intake/referral_machine.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/intake/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::intake {
namespace {

struct Row {
  const char* name;
  std::array<bool, 10> legal;  // by number of the state, from DRAFT = 1 on; 0 is no state
};

// In the order of WriteCall.
// clang-format off
constexpr std::array<Row, kWriteCalls.size()> kTable = {{
    //                      DRAFT  SUBMIT  TRIAGE  NONE  SHORT  OFFER  ACCEPT  THERAPY  CLOSED
    {"UpdateNeeds",     {0, 1,     1,      1,      1,    1,     1,     1,      1,       0}},
    {"SubmitReferral",  {0, 1,     0,      0,      0,    0,     0,     0,      0,       0}},
    {"ChooseTherapist", {0, 0,     0,      0,      0,    1,     0,     0,      0,       0}},
    {"RespondToOffer",  {0, 0,     0,      0,      0,    0,     1,     0,      0,       0}},
    {"StartTherapy",    {0, 0,     0,      0,      0,    0,     0,     1,      0,       0}},
    {"TryAnother",      {0, 0,     0,      0,      0,    0,     0,     0,      1,       0}},
    {"CloseReferral",   {0, 1,     1,      1,      1,    1,     1,     1,      1,       0}},
}};
// clang-format on

const Row& RowOf(WriteCall call) {
  return kTable[static_cast<size_t>(call)];
}

}  // namespace

const char* NameOf(WriteCall call) {
  return RowOf(call).name;
}

std::string NameOf(v1::ReferralState state) {
  const std::string& full = v1::ReferralState_Name(state);
  return std::string(absl::StripPrefix(absl::string_view(full), "REFERRAL_STATE_"));
}

absl::Status CheckLegal(v1::ReferralState state, WriteCall call) {
  if (RowOf(call).legal[state]) return absl::OkStatus();
  std::vector<absl::string_view> legal;
  for (const Row& row : kTable) {
    if (row.legal[state]) legal.push_back(row.name);
  }
  return runtime::Error(
      absl::StatusCode::kFailedPrecondition, kIllegalTransition,
      absl::StrCat(NameOf(call), " is not legal in ", NameOf(state),
                   "; legal now: ", legal.empty() ? "nothing more" : absl::StrJoin(legal, ", ")),
      {{"state", NameOf(state)}, {"call", NameOf(call)}, {"legal_calls", absl::StrJoin(legal, ",")}});
}

}  // namespace rapport::intake
