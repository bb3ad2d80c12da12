// One run of intake behind a real gRPC server, over a database file that outlives it, with a client that
// speaks plainly: Submit(referral) is a call with the referral's id and etag and a fresh request id.
#ifndef RAPPORT_TESTS_SERVICES_INTAKE_INTAKE_PROCESS_H_
#define RAPPORT_TESTS_SERVICES_INTAKE_INTAKE_PROCESS_H_

#include <memory>
#include <sstream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapport/intake/v1/intake.grpc.pb.h"
#include "services/intake/intake.h"
#include "services/intake/reasons.h"
#include "services/intake/referral_machine.h"
#include "services/runtime/errors.h"
#include "services/runtime/server.h"
#include "tests/services/intake/scripted_matcher.h"

namespace rapport::intake {

// A folder for one test, gone when the test ends.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

class IntakeProcess {
 public:
  struct Run {
    uint64_t seed = 1;  // of ids: another for each run over one folder
    size_t max_watchers = kMaxWatchers;
    std::string catalog_path = "";  // "": the built-in one
    bool background = false;        // false: call RankWaiting and DeliverNotices of intake() by hand
  };

  // `folder` holds the database.
  IntakeProcess(const std::string& folder, const std::shared_ptr<grpc::Channel>& matcher,
                const runtime::Clock& clock, const Run& run);
  ~IntakeProcess();

  Intake& intake() { return *intake_; }
  runtime::Server& server() { return *server_; }
  runtime::ServerCore& core() { return core_; }
  v1::IntakeService::Stub& stub() { return *stub_; }
  std::string MetricsText() const { return metrics_.Text(); }
  std::string LogText() const { return log_text_.str(); }

 private:
  runtime::SeededIds ids_;
  std::unique_ptr<runtime::Authenticator> authenticator_;
  runtime::Metrics metrics_;
  std::ostringstream log_text_;
  runtime::Log log_;
  runtime::ServerCore core_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<runtime::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::IntakeService::Stub> stub_;
};

// Needs that pass every check.
matcher::v1::Needs PlainNeeds();
matcher::v1::Needs AcuteNeeds();
// Needs that nobody meets.
matcher::v1::Needs ImpossibleNeeds();

// A client of one network.
class Client {
 public:
  using Answered = absl::StatusOr<v1::Referral>;

  explicit Client(IntakeProcess& process, std::string network = "default")
      : process_(&process), network_(std::move(network)) {}

  // From now on this process is asked.
  void Attach(IntakeProcess& process) { process_ = &process; }

  // The requests as they are.
  Answered Send(const v1::CreateReferralRequest& request);
  Answered Send(const v1::GetReferralRequest& request);
  Answered Send(const v1::UpdateNeedsRequest& request);
  Answered Send(const v1::SubmitReferralRequest& request);
  Answered Send(const v1::ChooseTherapistRequest& request);
  Answered Send(const v1::RespondToOfferRequest& request);
  Answered Send(const v1::StartTherapyRequest& request);
  Answered Send(const v1::TryAnotherRequest& request);
  Answered Send(const v1::CloseReferralRequest& request);
  absl::StatusOr<v1::ListReferralsResponse> Send(const v1::ListReferralsRequest& request);

  // The same in few words, with a fresh request id.
  Answered Create(const matcher::v1::Needs& needs = PlainNeeds(), const std::string& client_id = "client-7");
  Answered Get(const v1::Referral& referral);
  Answered Update(const v1::Referral& referral, const matcher::v1::Needs& needs = PlainNeeds());
  Answered Submit(const v1::Referral& referral);
  Answered Choose(const v1::Referral& referral, const std::string& therapist_id = "t1");
  Answered Respond(const v1::Referral& referral, v1::OfferAnswer answer = v1::OFFER_ANSWER_ACCEPTED);
  Answered Start(const v1::Referral& referral);
  Answered TryAnother(const v1::Referral& referral, int64_t min_as_of = 0);
  Answered Close(const v1::Referral& referral, v1::CloseReason reason = v1::CLOSE_REASON_COMPLETED);

  // A well-formed request of this kind.
  Answered Call(WriteCall call, const v1::Referral& referral);

  // Leads a new referral into a state. `matcher` is made to fail for a moment where that takes it.
  v1::Referral At(v1::ReferralState state, ScriptedMatcher& matcher);

  // Deadline of every call from now on.
  void SetPatience(absl::Duration patience) { patience_ = patience; }

  void Prepare(grpc::ClientContext* context) const;

  template <typename Request>
  Request RequestFor(const v1::Referral& referral, const std::string& request_id = "") {
    Request request;
    request.set_request_id(request_id.empty() ? FreshRequestId() : request_id);
    request.set_referral_id(referral.referral_id());
    request.set_etag(referral.etag());
    return request;
  }

 private:
  std::string FreshRequestId();
  template <typename Response, typename Rpc, typename Request>
  absl::StatusOr<Response> Ask(Rpc rpc, const Request& request);
  template <typename Response, typename Rpc, typename Request>
  Answered AskForReferral(Rpc rpc, const Request& request);

  IntakeProcess* process_;
  const std::string network_;
  absl::Duration patience_ = absl::Seconds(60);
  int requests_ = 0;
};

// The states, without the one that is none.
std::vector<v1::ReferralState> AllStates();

// A test with one intake and one matcher.
class IntakeTest : public ::testing::Test {
 protected:
  // Ends the present process, cleanly, and starts another on the same database. The seed is chosen here.
  void Restart(IntakeProcess::Run run = {});

  uint64_t runs_ = 1;
  Scratch scratch_;
  runtime::ManualClock clock_{absl::FromUnixSeconds(1'900'000'000)};
  ScriptedMatcher matcher_{clock_};
  std::unique_ptr<IntakeProcess> process_ =
      std::make_unique<IntakeProcess>(scratch_.folder(), matcher_.Channel(), clock_, IntakeProcess::Run());
  Client client_{*process_};
};

// The value, or a failed test.
template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << result.status();
    return T{};
  }
  return *std::move(result);
}

MATCHER_P2(Refused, code, reason, "") {
  const absl::Status status = arg.status();
  *result_listener << status;
  return status.code() == code && runtime::ReasonOf(status) == reason;
}

MATCHER_P(IsIn, state, "") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  *result_listener << NameOf(arg->state());
  return arg->state() == state;
}

MATCHER_P(SameMessage, other, "") {
  return arg.SerializeAsString() == other.SerializeAsString();
}

}  // namespace rapport::intake

#endif  // RAPPORT_TESTS_SERVICES_INTAKE_INTAKE_PROCESS_H_
