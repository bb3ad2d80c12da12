// The writer by itself: what no caller of the service can bring about.
#include "services/matcher/log_writer.h"

#include <future>
#include <new>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/contract/catalog_file.h"
#include "services/matcher/migrations.h"
#include "services/storage/migrations.h"
#include "tests/services/storage/scratch.h"
#include "tests/support/status_matchers.h"
#include "tests/support/valid_messages.h"

namespace rapport::matcher_service {
namespace {

using testing::IsOk;
using testing::Must;

class LogWriterTest : public ::testing::Test {
 protected:
  LogWriterTest() {
    EXPECT_THAT(storage::Migrate(*database_, kComponent, Migrations()), IsOk());
    call_.identity = {"default", "test"};
  }

  // Reserves nothing, deletes nobody: an event all the same.
  static absl::StatusOr<Draft> OneEvent(const Head& head) {
    Draft draft;
    draft.events.emplace_back().mutable_therapist_deleted()->set_therapist_id("nobody");
    draft.response = absl::StrCat(head.state.position + 1);
    return draft;
  }
  absl::StatusOr<std::string> Run(const std::string& request_id,
                                  std::function<absl::StatusOr<Draft>(const Head&)> decide = OneEvent) {
    return writer_.Run(
        RememberedWrite(call_, "Test", request_id, therapist::v1::Therapist(), std::move(decide)));
  }
  std::int64_t Position() { return networks_.Head("default")->position; }
  std::size_t Remembered() { return storage::Ints(*database_, "SELECT rowid FROM request_ledger").size(); }

  storage::Scratch scratch_;
  runtime::ManualClock clock_{testing::MessagesNow()};
  std::unique_ptr<storage::Database> database_ = storage::OpenOrDie(scratch_.url());
  Networks networks_{Must(contract::LoadCatalog("")).catalog};
  LogWriter writer_{*database_, networks_, clock_};
  runtime::Call call_;
};

TEST_F(LogWriterTest, ANetworkBeginsWithItsFirstEvent) {
  const auto refused = Run(
      "r1", [](const Head&) -> absl::StatusOr<Draft> { return absl::FailedPreconditionError("not today"); });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(networks_.Names().empty());
  EXPECT_THAT(Run("r2"), IsOk());
  EXPECT_EQ(networks_.Names(), std::vector<std::string>{"default"});
}

TEST_F(LogWriterTest, ForgetsAnswersWhenTheirTimeIsOver) {
  const auto record_old = [&](storage::Transaction& tx) {
    absl::Status status;
    for (int i = 0; i < 1'203 && status.ok(); ++i) {
      status = storage::request_ledger::Record(tx, {"default", "Test", absl::StrCat("old-", i)}, "", "",
                                               clock_.Now());
    }
    return status;
  };
  EXPECT_THAT(database_->Write(record_old), IsOk());
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(Must(Run("young")), "1");
  EXPECT_THAT(writer_.PruneLedger(), IsOk());
  EXPECT_EQ(Remembered(), 1'204u);
  clock_.Advance(absl::Hours(24) + absl::Seconds(1));
  EXPECT_THAT(writer_.PruneLedger(), IsOk());
  EXPECT_EQ(Remembered(), 1u);
  EXPECT_EQ(Must(Run("young")), "1");
  EXPECT_EQ(Position(), 1);
}

TEST_F(LogWriterTest, AnExceptionEndsItsCommitAndNothingElse) {
  // A first writer holds the commit until two others wait for the next: one writes, one throws.
  std::promise<void> begun;
  std::promise<void> go_on;
  std::thread first([&] {
    EXPECT_THAT(Run("first",
                    [&](const Head& head) {
                      begun.set_value();
                      go_on.get_future().wait();
                      return OneEvent(head);
                    }),
                IsOk());
  });
  begun.get_future().wait();
  const auto throwing = [](const Head&) -> absl::StatusOr<Draft> { throw std::bad_alloc(); };
  auto writes = std::async(std::launch::async, [&] { return Run("writes"); });
  auto throws = std::async(std::launch::async, [&] { return Run("throws", throwing); });
  go_on.set_value();
  first.join();
  // Whether they met or not, and in whichever order: everybody hears, and only what is on disk is
  // acknowledged.
  int acknowledged = 1;
  try {
    if (writes.get().ok()) ++acknowledged;
  } catch (const std::bad_alloc&) {
  }
  try {
    EXPECT_FALSE(throws.get().ok());
  } catch (const std::bad_alloc&) {
  }
  EXPECT_EQ(Position(), acknowledged);
  EXPECT_EQ(Must(Run("next")), absl::StrCat(acknowledged + 1));
}

}  // namespace
}  // namespace rapport::matcher_service
