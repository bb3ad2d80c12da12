// See bench.h.
#include "tests/services/feedback/bench.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "gtest/gtest.h"
#include "services/contract/convert.h"
#include "services/feedback/records.h"
#include "services/runtime/channel.h"
#include "services/runtime/errors.h"
#include "services/storage/migrations.h"
#include "services/storage/secret.h"

namespace rapport::feedback {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    ADD_FAILURE() << value.status();
    std::abort();
  }
  return *std::move(value);
}

runtime::ServerOptions CoreOptions() {
  runtime::ServerOptions options;
  options.insecure_loopback = true;
  options.workers = 1;
  return options;
}

}  // namespace

absl::Time TestNow() {
  return absl::FromCivil(absl::CivilSecond(2030, 1, 2, 3, 4, 5), absl::UTCTimeZone());
}

std::shared_ptr<const matcher::Catalog> TestCatalog() {
  matcher::CatalogLists lists;
  lists.version = "test-1";
  lists.facets = {{"heard", "felt heard", {7, 2}}, {"respected", "felt respected", {7, 2}}};
  lists.frictions = {{"rushed", "felt rushed", {0}, {}}, {"judged", "felt judged", {1}, {}}};
  lists.fit_questions = {{"overall", "Overall?", "overall", {7, 2}}, {"again", "Again?", "again", {7, 2}}};
  const matcher::Norm norm{16, 3};
  lists.instruments = {
      {"phq9", "PHQ-9", {{"total", 0, 27, false, {}, 10, "", {}}, {"item9", 0, 3, false, {}, {}, "", 1}}},
      {"srs", "SRS", {{"total", 0, 40, true, {}, 36, "", {}}}},
      {"wai",
       "WAI-SR",
       {{"bond", 4, 20, true, norm, {}, "bond", {}},
        {"goals", 4, 20, true, norm, {}, "goals", {}},
        {"total", 12, 60, true, {}, {}, "", {}}}},
  };
  return OrDie(matcher::Catalog::Create(std::move(lists)));
}

v1::RecordFitCheckRequest GoodFitCheck(const std::string& request_id) {
  v1::RecordFitCheckRequest request;
  request.set_request_id(request_id);
  v1::FitCheck& check = *request.mutable_fit_check();
  check.set_client_id("c1");
  check.set_therapist_id("t1");
  check.set_referral_id("referral1");
  check.set_session_number(1);
  *check.mutable_occurred_at() = contract::ToTimestamp(TestNow() - absl::Hours(20));
  matcher::v1::Answer& answer = *check.add_answers();
  answer.set_id("overall");
  answer.set_value(8);
  matcher::v1::Answer& facet = *check.add_facets();
  facet.set_id("heard");
  facet.set_value(9.5);
  check.add_frictions("rushed");
  check.set_verdict(matcher::v1::VERDICT_WOULD_CONTINUE);
  return request;
}

v1::RecordInstrumentRequest GoodScores(const std::string& request_id, const std::string& instrument,
                                       const std::vector<std::pair<std::string, double>>& scores) {
  v1::RecordInstrumentRequest request;
  request.set_request_id(request_id);
  v1::InstrumentScores& message = *request.mutable_scores();
  message.set_client_id("c1");
  message.set_therapist_id("t1");
  message.set_instrument(instrument);
  message.set_session_number(2);
  *message.mutable_occurred_at() = contract::ToTimestamp(TestNow());
  for (const auto& [scale, score] : scores) {
    matcher::v1::Answer& answer = *message.add_scores();
    answer.set_id(scale);
    answer.set_value(score);
  }
  return request;
}

std::vector<std::string> Paths(const absl::Status& status) {
  std::vector<std::string> paths;
  for (const runtime::Violations::Item& item : runtime::ViolationsOf(status)) {
    paths.push_back(item.field_path);
  }
  return paths;
}

Folder::Folder() : path_(std::filesystem::temp_directory_path() / "feedback_test_XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

Folder::~Folder() {
  std::filesystem::remove_all(path_);
}

std::string Folder::DatabaseUrl() const {
  return "sqlite:" + path_ + "/feedback.db";
}

Bench::Parts::Parts(Bench& bench)
    : database(OrDie(storage::Database::Open({.url = bench.folder_.DatabaseUrl()}))),
      client(OrDie(runtime::Connect(bench.matcher.address(), true)), bench.clock, kLongPatience),
      delivery(*database, client, bench.core_),
      risk_notes(*database, client, bench.core_),
      commands(
          {*database, TestCatalog(), client, delivery, risk_notes, bench.core_, [&bench] { ++bench.wakes; }},
          OrDie(storage::InstallationSecret(*database))) {
  const absl::Status migrated = storage::Migrate(*database, records::kComponent, records::Migrations());
  EXPECT_TRUE(migrated.ok()) << migrated;
}

Bench::Bench()
    : clock(TestNow()),
      log_(log_text_, clock),
      core_(CoreOptions(), {clock, ids_, authenticator_, metrics_, log_}),
      parts_(std::make_unique<Parts>(*this)) {}

void Bench::Restart() {
  parts_.reset();
  parts_ = std::make_unique<Parts>(*this);
}

runtime::Call Bench::Call(absl::Duration patience) const {
  runtime::Call call;
  call.identity = {"network1", "test"};
  call.request_id = "rpc1";
  call.started = clock.Now();
  call.deadline = clock.Now() + patience;
  return call;
}

std::vector<v1::Feedback> Bench::All() {
  const absl::StatusOr<v1::ListFeedbackResponse> list = commands().ListFeedback(Call(), {});
  EXPECT_TRUE(list.ok()) << list.status();
  if (!list.ok()) return {};
  return {list->feedback().begin(), list->feedback().end()};
}

v1::Feedback Bench::Only() {
  const std::vector<v1::Feedback> all = All();
  EXPECT_EQ(all.size(), 1u);
  return all.empty() ? v1::Feedback() : all.front();
}

}  // namespace rapport::feedback
