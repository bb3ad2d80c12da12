// Disks that fail: the caller is told, readers see nothing of it, and all goes on as soon as the disk does.
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"
#include "services/matcher/methods.h"
#include "tests/services/matcher/matcher_process.h"
#include "tests/services/matcher/random_writes.h"
#include "tests/support/faulty_vfs.h"

namespace rapport::matcher_service {
namespace {

using rapport::testing::Fault;
using rapport::testing::FaultyVfs;
using rapport::testing::Operation;
using testing::IsOk;
using testing::Must;
using testing::ValidTherapist;

struct Case {
  const char* name;
  Fault fault;
  absl::StatusCode code;
};

// How test runners show it.
void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

class FaultsTest : public ::testing::TestWithParam<Case> {
 protected:
  FaultsTest() {
    client_.Upsert({ValidTherapist("t1"), ValidTherapist("t2")});
    Must(client_.Send(FitCheck("f0")));
  }

  // One write of each kind, by its own name; each can be sent again until it is taken.
  std::vector<std::pair<std::string, absl::Status>> WriteAll(const std::string& id) {
    std::vector<std::pair<std::string, absl::Status>> results;
    therapist::v1::Therapist changed = ValidTherapist("t2");
    changed.set_title(id);
    results.emplace_back("UpsertTherapists", client_.Send({Row(changed), Row(ValidTherapist(id))}).status());
    results.emplace_back("ReserveSlot", client_.Send(Reservation(id)).status());
    directory::v1::ConfirmAvailabilityRequest confirm;
    confirm.set_request_id(id);
    confirm.set_therapist_id("t1");
    confirm.set_wait_weeks(7);
    results.emplace_back("ConfirmAvailability", client_.Send(confirm).status());
    results.emplace_back("RecordReach",
                         client_.Send(Reach(id, "", matcher::v1::REACH_OUTCOME_ACCEPTED)).status());
    results.emplace_back("RecordFit", client_.Send(FitCheck(id)).status());
    matcher::v1::RecordRiskRequest risk;
    risk.set_client_id(id);
    risk.set_source(matcher::v1::RISK_SOURCE_SCORES);
    risk.set_look_first(true);
    *risk.mutable_known_at() = contract::ToTimestamp(testing::MessagesNow());
    results.emplace_back("RecordRisk", client_.Send(risk).status());
    return results;
  }
  static constexpr int kEventsOfWriteAll = 7;

  bool Ready() {
    process_->surroundings().core().readiness().Step();
    return process_->surroundings().core().readiness().Ready(kMatcherService);
  }

  // The answers of a process that starts from what is on the disk.
  std::vector<std::string> AnswersAfterRestart() {
    process_.reset();
    process_ = std::make_unique<MatcherProcess>(
        MatcherOptions{.database_url = scratch_.url(), .catalog_path = "", .vfs = ""}, clock_, 2);
    client_.Attach(*process_);
    return Answers(client_);
  }

  FaultyVfs vfs_{"matcher_faulty"};
  storage::Scratch scratch_;
  runtime::ManualClock clock_{testing::MessagesNow()};
  std::unique_ptr<MatcherProcess> process_ = std::make_unique<MatcherProcess>(
      MatcherOptions{.database_url = scratch_.url(), .catalog_path = "", .vfs = vfs_.name()}, clock_);
  Client client_{*process_};
};

TEST_P(FaultsTest, ABrokenDiskIsToldAndNothingChanges) {
  const std::vector<std::string> before = Answers(client_);
  EXPECT_TRUE(Ready());
  vfs_.Arm(GetParam().fault);
  for (int round = 0; round < 2; ++round) {
    for (const auto& [rpc, status] : WriteAll("w1"))
      EXPECT_EQ(status.code(), GetParam().code) << rpc << ": " << status;
    EXPECT_EQ(Answers(client_), before);
  }
  EXPECT_FALSE(Ready());

  vfs_.Disarm();
  EXPECT_TRUE(Ready());
  for (const auto& [rpc, status] : WriteAll("w1")) EXPECT_THAT(status, IsOk()) << rpc;
  EXPECT_EQ(client_.Position(), 3 + kEventsOfWriteAll);
  const std::vector<std::string> after = Answers(client_);
  EXPECT_NE(after, before);
  EXPECT_EQ(AnswersAfterRestart(), after);
}

TEST_P(FaultsTest, EverybodyWhoWaitsForTheSameDiskIsTold) {
  constexpr int kThreads = 16;
  const auto write = [&](std::vector<absl::Status>& statuses) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] { statuses[i] = client_.Send(FitCheck(absl::StrCat("f", i))).status(); });
    }
    for (std::thread& thread : threads) thread.join();
  };
  vfs_.Arm(GetParam().fault);
  std::vector<absl::Status> statuses(kThreads);
  write(statuses);
  vfs_.Disarm();
  // f0 was recorded before; it is known without a write where it is not in a commit with others.
  for (int i = 1; i < kThreads; ++i) EXPECT_EQ(statuses[i].code(), GetParam().code);
  EXPECT_EQ(client_.Position(), 3);
  write(statuses);
  for (const absl::Status& status : statuses) EXPECT_THAT(status, IsOk());
  EXPECT_EQ(client_.Position(), 3 + kThreads - 1);
}

INSTANTIATE_TEST_SUITE_P(
    Disks, FaultsTest,
    ::testing::Values(
        Case{"Full", {{Operation::kWrite}, 1, SQLITE_FULL, true}, absl::StatusCode::kResourceExhausted},
        Case{"FailingSync", {{Operation::kSync}, 1, 0, true}, absl::StatusCode::kUnavailable},
        Case{"FailingWrite", {{Operation::kWrite}, 1, 0, true}, absl::StatusCode::kUnavailable}),
    [](const auto& param) { return std::string(param.param.name); });

using EveryCallTest = FaultsTest;

TEST_P(EveryCallTest, FailingOnceChangesNothingOrEverything) {
  int failures = 0;
  for (int nth = 1;; ++nth) {
    SCOPED_TRACE(nth);
    const std::string id = absl::StrCat("n", nth);
    const std::int64_t before = client_.Position();
    Fault fault = GetParam().fault;
    fault.nth = nth;
    vfs_.Arm(fault);
    WriteAll(id);
    vfs_.Disarm();
    if (!vfs_.fired()) break;
    ++failures;
    // The same again: what was acknowledged is not done twice, what was not is done now.
    for (const auto& [rpc, status] : WriteAll(id)) ASSERT_THAT(status, IsOk()) << rpc;
    ASSERT_EQ(client_.Position(), before + kEventsOfWriteAll);
    directory::v1::ConfirmAvailabilityRequest more;
    more.set_request_id(absl::StrCat("more-", nth));
    more.set_therapist_id("t1");
    more.set_seats(1'000);
    ASSERT_THAT(client_.Send(more), IsOk());
  }
  EXPECT_GT(failures, 5);
  const std::vector<std::string> answers = Answers(client_);
  EXPECT_EQ(AnswersAfterRestart(), answers);
}

INSTANTIATE_TEST_SUITE_P(
    Calls, EveryCallTest,
    ::testing::Values(Case{"OwnError", {{}, 1, 0, false}, absl::StatusCode::kUnavailable},
                      Case{"DiskFull", {{}, 1, SQLITE_FULL, false}, absl::StatusCode::kResourceExhausted}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace rapport::matcher_service
