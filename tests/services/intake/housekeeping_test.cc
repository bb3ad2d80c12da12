// What is forgotten, and what is kept.
#include "services/intake/housekeeping.h"

#include "services/intake/answers.h"
#include "services/intake/migrations.h"
#include "services/storage/migrations.h"
#include "services/storage/outbox.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

TEST(HousekeepingTest, ForgetsAnswersAndSettledNotices) {
  Scratch scratch;
  auto db = storage::Database::Open({.url = "sqlite:" + scratch.folder() + "/intake.db"});
  ASSERT_TRUE(db.ok()) << db.status();
  ASSERT_TRUE(storage::Migrate(**db, kComponent, Migrations()).ok());
  const absl::Time start = absl::FromUnixSeconds(1'900'000'000);
  const RequestKey key = KeyOf("default", "CreateReferral", "one", v1::CreateReferralRequest());
  absl::Status written = (*db)->Write([&](storage::Transaction& tx) {
    absl::Status done = RecordAnswer(tx, key, v1::Referral(), start);
    done.Update(TellRelease(tx, "default", "settled", start));
    done.Update(storage::outbox::MarkDelivered(tx, 1, start));
    done.Update(TellRelease(tx, "default", "pending", start));
    done.Update(TellRisk(tx, "default", "looked", matcher::v1::RecordRiskRequest(), start));
    done.Update(storage::outbox::MarkDelivered(tx, 3, start));
    return done;
  });
  ASSERT_TRUE(written.ok()) << written;

  const auto known = [&] {
    bool answered = false;
    bool settled = false;
    absl::Status read = (*db)->Read([&](storage::Transaction& tx) {
      answered = Must(FindAnswer(tx, key)).has_value();
      settled = Must(storage::outbox::StateOf(tx, "default", kReleaseTopic, "settled")).has_value();
      EXPECT_EQ(Must(storage::outbox::StateOf(tx, "default", kRiskTopic, "looked")).has_value(), settled);
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    EXPECT_EQ(storage::outbox::Depth(**db, kReleaseTopic).value(), 1) << "what is pending is never forgotten";
    return std::make_pair(answered, settled);
  };
  ASSERT_TRUE(ForgetOld(**db, start + absl::Hours(24)).ok());
  EXPECT_EQ(known(), std::make_pair(true, true));
  ASSERT_TRUE(ForgetOld(**db, start + kLedgerKept + absl::Seconds(1)).ok());
  EXPECT_EQ(known(), std::make_pair(false, true));
  ASSERT_TRUE(ForgetOld(**db, start + kNoticesKept + absl::Seconds(1)).ok());
  EXPECT_EQ(known(), std::make_pair(false, false));
}

}  // namespace
}  // namespace rapport::intake
