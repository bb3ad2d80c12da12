// The whole service as a process runs it: a real server, a real channel to the matcher, the delivery loop.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/contract/convert.h"
#include "services/feedback/feedback.h"
#include "services/runtime/channel.h"
#include "services/runtime/errors.h"
#include "services/runtime/server.h"
#include "tests/services/feedback/bench.h"

namespace rapport::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ServiceFixture : public ::testing::Test {
 protected:
  ServiceFixture(const std::string& matcher_address, const MatcherPatience& patience)
      : log_(log_text_, clock_), core_(Options(), {clock_, ids_, authenticator_, metrics_, log_}) {
    Start(matcher_address, patience);
  }

  static runtime::ServerOptions Options() {
    runtime::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.http_address = "";
    options.insecure_loopback = true;
    options.drain_delay = absl::ZeroDuration();
    return options;
  }

  void Start(const std::string& matcher_address, const MatcherPatience& patience) {
    FeedbackOptions options;
    options.database_url = folder_.DatabaseUrl();
    options.matcher_patience = patience;
    auto feedback = Feedback::Create(options, core_, runtime::Connect(matcher_address, true).value());
    ASSERT_TRUE(feedback.ok()) << feedback.status();
    feedback_ = *std::move(feedback);
    auto server = runtime::Server::Start(Options(), core_, feedback_->services());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = v1::FeedbackService::NewStub(
        runtime::Connect(absl::StrCat("127.0.0.1:", server_->port()), true).value());
  }

  // A fit check in words of the built-in catalog, held just now.
  static v1::RecordFitCheckRequest FitCheckNow(const std::string& request_id) {
    v1::RecordFitCheckRequest request = GoodFitCheck(request_id);
    request.mutable_fit_check()->clear_answers();
    *request.mutable_fit_check()->mutable_occurred_at() = contract::ToTimestamp(absl::Now());
    return request;
  }

  absl::StatusOr<v1::RecordFitCheckResponse> Record(const v1::RecordFitCheckRequest& request,
                                                    absl::Duration patience = absl::Seconds(30)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + patience));
    v1::RecordFitCheckResponse response;
    const grpc::Status status = stub_->RecordFitCheck(&context, request, &response);
    if (!status.ok()) return runtime::FromGrpc(status);
    return response;
  }

  v1::Feedback Only() {
    grpc::ClientContext context;
    v1::ListFeedbackResponse response;
    const grpc::Status status = stub_->ListFeedback(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.feedback_size(), 1);
    return response.feedback_size() == 1 ? response.feedback(0) : v1::Feedback();
  }

  Folder folder_;
  runtime::RealClock clock_;
  std::ostringstream log_text_;
  runtime::SeededIds ids_{1};
  runtime::LoopbackAuthenticator authenticator_;
  runtime::Metrics metrics_;
  runtime::Log log_;
  runtime::ServerCore core_;
  std::unique_ptr<Feedback> feedback_;
  std::unique_ptr<runtime::Server> server_;
  std::unique_ptr<v1::FeedbackService::Stub> stub_;
};

// Bases are built in order, so the matcher listens before the service asks for it, and outlives it.
struct WithMatcher {
  ScriptedMatcher matcher_;
};

class ServiceTest : protected WithMatcher, public ServiceFixture {
 protected:
  ServiceTest() : ServiceFixture(matcher_.address(), kLongPatience) {}
};

// With the patience that a process has.
class ImpatientServiceTest : protected WithMatcher, public ServiceFixture {
 protected:
  ImpatientServiceTest() : ServiceFixture(matcher_.address(), MatcherPatience()) {}
};

// The address of a matcher that has gone: nobody listens there.
class LonelyServiceTest : public ServiceFixture {
 protected:
  LonelyServiceTest() : ServiceFixture(ScriptedMatcher().address(), MatcherPatience()) {}
};

TEST_F(ServiceTest, RecordsAndLists) {
  const auto response = Record(FitCheckNow("r1"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_EQ(response->position(), 100);
  EXPECT_EQ(Only().feedback_id(), response->feedback_id());
}

TEST_F(ServiceTest, ReadsScoresWithTheBuiltInCatalog) {
  v1::RecordInstrumentRequest request = GoodScores("r1", "phq9", {{"total", 9}, {"item9", 1}});
  *request.mutable_scores()->mutable_occurred_at() = contract::ToTimestamp(absl::Now());
  grpc::ClientContext context;
  v1::RecordInstrumentResponse response;
  const grpc::Status status = stub_->RecordInstrument(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(response.triage_advised());
  EXPECT_FALSE(response.readings(0).beyond_cut_off());
  EXPECT_EQ(response.delivery(), v1::DELIVERY_NOT_NEEDED);
}

TEST_F(ServiceTest, ErrorsCarryTheirDetailsOverTheWire) {
  v1::RecordFitCheckRequest request = FitCheckNow("r1");
  request.mutable_fit_check()->add_frictions("weather");
  const auto bad = Record(request);
  EXPECT_EQ(bad.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Paths(bad.status()), ElementsAre("fit_check.frictions[1]"));

  request = FitCheckNow("r1");
  request.mutable_fit_check()->set_therapist_id("t9");
  const auto unknown = Record(request);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(runtime::ReasonOf(unknown.status()), "UNKNOWN_THERAPIST");
}

TEST_F(ImpatientServiceTest, ASlowMatcherDoesNotKeepTheCallerWaiting) {
  matcher_.SetHolding(true);
  const auto response = Record(FitCheckNow("r1"), absl::Seconds(10));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_PENDING);
  matcher_.SetHolding(false);
}

TEST_F(ServiceTest, TheLoopDeliversByItselfWhenTheMatcherIsBack) {
  matcher_.SetAway(true);
  const auto response = Record(FitCheckNow("r1"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_PENDING);
  matcher_.SetAway(false);
  matcher_.AwaitLessons(1);
  EXPECT_EQ(matcher_.Lessons()[0].fit_check_id(), response->feedback_id());
}

TEST_F(LonelyServiceTest, StartsWithoutAMatcherAndKeepsWhatComes) {
  const auto response = Record(FitCheckNow("r1"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_PENDING);
}

TEST_F(ServiceTest, IsReadyWithItsDatabaseWhateverTheMatcherDoes) {
  matcher_.SetAway(true);
  core_.readiness().Step();
  EXPECT_TRUE(core_.readiness().Ready("rapport.feedback.v1.FeedbackService"));
}

TEST_F(ServiceTest, LogsHoldNothingOfWhatClientsSaid) {
  v1::RecordFitCheckRequest request = FitCheckNow("r1");
  request.mutable_fit_check()->set_client_id("secret-client");
  request.mutable_fit_check()->set_therapist_id("t9");
  EXPECT_FALSE(Record(request).ok());
  request.mutable_fit_check()->set_therapist_id("t1");
  EXPECT_TRUE(Record(request).ok());
  request.mutable_fit_check()->set_verdict(matcher::v1::VERDICT_UNSURE);
  EXPECT_FALSE(Record(request).ok());
  server_->Shutdown();
  feedback_->Stop();
  EXPECT_THAT(log_text_.str(), HasSubstr("RecordFitCheck"));
  EXPECT_THAT(log_text_.str(), Not(HasSubstr("secret-client")));
  EXPECT_THAT(log_text_.str(), Not(HasSubstr("rushed")));
}

}  // namespace
}  // namespace rapport::feedback
