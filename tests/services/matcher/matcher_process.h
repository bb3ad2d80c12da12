// One run of the matcher behind a real gRPC server, over a database file that outlives it, with a client that
// speaks plainly.
#ifndef RAPPORT_TESTS_SERVICES_MATCHER_MATCHER_PROCESS_H_
#define RAPPORT_TESTS_SERVICES_MATCHER_MATCHER_PROCESS_H_

#include <atomic>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "rapport/directory/v1/directory.grpc.pb.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/matcher/matcher.h"
#include "services/matcher/reasons.h"
#include "services/runtime/server.h"
#include "tests/services/storage/scratch.h"
#include "tests/support/status_matchers.h"
#include "tests/support/valid_messages.h"

namespace rapport::matcher_service {

// What a matcher needs of its process. A caller's network is what it says in the header x-network.
class Surroundings {
 public:
  // `seed`: of ids. Runs over one database take different ones.
  Surroundings(const runtime::Clock& clock, std::uint64_t seed);

  static const runtime::ServerOptions& Options();
  runtime::ServerCore& core() { return core_; }
  std::string LogText() const { return log_text_.str(); }
  std::string MetricsText() const { return metrics_.Text(); }

 private:
  runtime::SeededIds ids_;
  std::unique_ptr<runtime::Authenticator> authenticator_;
  runtime::Metrics metrics_;
  std::ostringstream log_text_;
  runtime::Log log_;
  runtime::ServerCore core_;
};

class MatcherProcess {
 public:
  MatcherProcess(const MatcherOptions& options, const runtime::Clock& clock, std::uint64_t seed = 1);
  ~MatcherProcess();

  Surroundings& surroundings() { return surroundings_; }
  directory::v1::DirectoryService::Stub& directory() { return *directory_; }
  matcher::v1::MatcherService::Stub& matcher() { return *matcher_stub_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }

  // Ends the serving; nobody may call any more.
  std::string StopAndReadLog();

 private:
  Surroundings surroundings_;
  std::unique_ptr<Matcher> matcher_;
  std::unique_ptr<runtime::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<directory::v1::DirectoryService::Stub> directory_;
  std::unique_ptr<matcher::v1::MatcherService::Stub> matcher_stub_;
};

// A caller of one network. Thread-safe, but for Attach.
class Client {
 public:
  explicit Client(MatcherProcess& process, std::string network = "default")
      : process_(&process), network_(std::move(network)) {}

  // From now on this process is asked.
  void Attach(MatcherProcess& process) { process_ = &process; }

  // The requests as they are.
  absl::StatusOr<directory::v1::GetTherapistResponse> Send(const directory::v1::GetTherapistRequest& request);
  absl::StatusOr<directory::v1::ListTherapistsResponse> Send(
      const directory::v1::ListTherapistsRequest& request);
  absl::StatusOr<directory::v1::DeleteTherapistResponse> Send(
      const directory::v1::DeleteTherapistRequest& request);
  absl::StatusOr<directory::v1::ConfirmAvailabilityResponse> Send(
      const directory::v1::ConfirmAvailabilityRequest& request);
  absl::StatusOr<directory::v1::ReserveSlotResponse> Send(const directory::v1::ReserveSlotRequest& request);
  absl::StatusOr<directory::v1::ReleaseSlotResponse> Send(const directory::v1::ReleaseSlotRequest& request);
  absl::StatusOr<directory::v1::GetCatalogResponse> Send(const directory::v1::GetCatalogRequest& request);
  absl::StatusOr<matcher::v1::RankTherapistsResponse> Send(const matcher::v1::RankTherapistsRequest& request);
  absl::StatusOr<matcher::v1::ExplainMatchResponse> Send(const matcher::v1::ExplainMatchRequest& request);
  absl::StatusOr<matcher::v1::PredictFitResponse> Send(const matcher::v1::PredictFitRequest& request);
  absl::StatusOr<matcher::v1::AdviseNextStepResponse> Send(const matcher::v1::AdviseNextStepRequest& request);
  absl::StatusOr<matcher::v1::GetModelResponse> Send(const matcher::v1::GetModelRequest& request);
  absl::StatusOr<matcher::v1::RecordFitResponse> Send(const matcher::v1::RecordFitRequest& request);
  absl::StatusOr<matcher::v1::RecordReachResponse> Send(const matcher::v1::RecordReachRequest& request);
  absl::StatusOr<matcher::v1::RecordRiskResponse> Send(const matcher::v1::RecordRiskRequest& request);
  // One stream.
  absl::StatusOr<directory::v1::UpsertTherapistsResponse> Send(
      const std::vector<directory::v1::UpsertTherapistsRequest>& rows);

  // These bytes to "package.Service/Rpc"; what came back is not looked at.
  absl::Status SendBytes(const std::string& method, const std::string& bytes);

  // Writes the profiles, which must be taken. Result: the log position.
  std::int64_t Upsert(const std::vector<therapist::v1::Therapist>& therapists);
  therapist::v1::Therapist Get(const std::string& therapist_id);
  // The log position that a reader sees now.
  std::int64_t Position();

  // "id-1", "id-2" ...: no two alike.
  std::string FreshId();

 private:
  template <typename Response, typename Stub, typename Rpc, typename Request>
  absl::StatusOr<Response> Ask(Stub& stub, Rpc rpc, const Request& request);
  void Prepare(grpc::ClientContext& context) const;

  MatcherProcess* process_;
  const std::string network_;
  std::atomic<int> ids_ = 0;
};

// Requests that are in order in every respect, about therapist "t1" where nothing else is said.
directory::v1::UpsertTherapistsRequest Row(const therapist::v1::Therapist& therapist, std::int64_t line = 0);
directory::v1::ReserveSlotRequest Reservation(const std::string& request_id,
                                              const std::string& client_id = "client-1");
matcher::v1::RecordReachRequest Reach(const std::string& request_id, const std::string& reservation_id,
                                      matcher::v1::ReachOutcome outcome);
matcher::v1::RankTherapistsRequest RankRequest(const std::string& client_id = "client-1");
matcher::v1::ExplainMatchRequest ExplainRequest(const std::string& therapist_id = "t1",
                                                const std::string& client_id = "client-1");
matcher::v1::RecordFitRequest FitCheck(const std::string& fit_check_id,
                                       const std::string& client_id = "client-1");

// The same, to the byte.
MATCHER_P(SameMessage, other, "") {
  *result_listener << arg.ShortDebugString();
  return arg.SerializeAsString() == other.SerializeAsString();
}

// A test with one matcher.
class MatcherTest : public ::testing::Test {
 protected:
  // Ends the present process and starts another on the same database, with this catalog.
  void Restart(const std::string& catalog_path = "");

  std::uint64_t runs_ = 1;
  std::int64_t snapshot_every_ = 50'000;  // of the processes that Restart starts
  storage::Scratch scratch_;
  runtime::ManualClock clock_{testing::MessagesNow()};
  std::unique_ptr<MatcherProcess> process_ =
      std::make_unique<MatcherProcess>(MatcherOptions{.database_url = scratch_.url()}, clock_);
  Client client_{*process_};
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_TESTS_SERVICES_MATCHER_MATCHER_PROCESS_H_
