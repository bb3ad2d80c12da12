// One table of advice by reason, one by status code.
#include "services/cli/failure.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/errors.h"

namespace rapport::cli {
namespace {

constexpr char kNotReached[] = "rapport.cli/not-reached";  // payload of FromCall

struct Advice {
  const char* reason;
  const char* what_to_do;
};

constexpr Advice kAdvice[] = {
    {"ETAG_MISMATCH", "Somebody changed it in between: read it again, then repeat the command."},
    {"REQUEST_ID_REUSED", "This --request-id stands for another request: leave it out to get a fresh one."},
    {"UNKNOWN_THERAPIST", "See who is known: rapport therapist list"},
    {"UNKNOWN_REFERRAL", "See what is open: rapport referral list"},
    {"NEEDS_TRIAGE",
     "Acute risk is never ranked: a person must look first, and then state the risk anew (of a referral: "
     "rapport "
     "referral update REFERRAL --needs FILE --field risk)."},
    {"NO_FREE_SEAT",
     "The last seat was just taken: choose another of the shortlist, or update the needs and submit for a "
     "fresh one."},
    {"NOT_ON_SHORTLIST", "See the shortlist: rapport referral get REFERRAL"},
    {"FIT_CHECK_CHANGED", "A fit check is never changed: record another one under another id."},
    {"BEHIND", "This replica has not read that far yet: try again in a moment."},
    {"OVERLOADED", "The server has too much to do: try again in a moment."},
};

const char* AdviceOf(const absl::Status& status, const std::string& reason) {
  for (const Advice& advice : kAdvice) {
    if (reason == advice.reason) return advice.what_to_do;
  }
  if (status.GetPayload(kNotReached).has_value()) {
    return "Is the server running, and is --address right? To start one here: rapport serve --help";
  }
  if (status.code() == absl::StatusCode::kDeadlineExceeded) {
    return "The server took too long; --timeout gives it more. Repeating a command is safe.";
  }
  return nullptr;
}

// A server's message repeats the first violations behind a colon; here all of them follow as a list.
absl::string_view WithoutViolations(absl::string_view message,
                                    const std::vector<runtime::Violations::Item>& violations) {
  if (violations.empty()) return message;
  return message.substr(0, message.find(absl::StrCat(": ", violations.front().field_path, ": ")));
}

}  // namespace

absl::Status FromCall(const grpc::Status& status) {
  absl::Status error = runtime::FromGrpc(status);
  // Our servers send details with every error (runtime::ToGrpc); the channel's own errors have none.
  if (absl::IsUnavailable(error) && status.error_details().empty()) {
    error.SetPayload(kNotReached, absl::Cord());
  }
  return error;
}

absl::Status FromFile(const absl::Status& status) {
  return status.ok() ? status : absl::InvalidArgumentError(status.message());
}

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return runtime::ReasonOf(status).empty() ? ExitCode::kUsage : ExitCode::kRefused;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kConflict;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kDenied;
    default:
      return ExitCode::kUnexpected;
  }
}

void PrintFailure(const absl::Status& status, std::ostream& err) {
  const std::string reason = runtime::ReasonOf(status);
  const std::vector<runtime::Violations::Item> violations = runtime::ViolationsOf(status);
  err << "rapport: " << WithoutViolations(status.message(), violations);
  if (!reason.empty()) err << " [" << reason << "]";
  err << "\n";
  for (const auto& [field, description] : violations) {
    err << "  " << field << ": " << description << "\n";
  }
  if (const char* advice = AdviceOf(status, reason)) err << "  " << advice << "\n";
}

}  // namespace rapport::cli
