// The same request twice has one effect; the same id for something else is refused.
#include "services/storage/request_ledger.h"

#include "services/storage/migrations.h"
#include "tests/services/storage/scratch.h"

namespace rapport::storage::request_ledger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const Key kKey = {"north", "rapport.intake.v1.IntakeService/CreateReferral", "request-of-ann"};

class RequestLedgerTest : public ::testing::Test {
 protected:
  RequestLedgerTest() { EXPECT_THAT(Migrate(*db_, "intake", {{1, "ledger", kSqliteSchema}}), IsOk()); }

  absl::Status Keep(const Key& key, absl::string_view content, absl::string_view response,
                    absl::Time at = kNow) {
    return db_->Write([&](Transaction& tx) { return Record(tx, key, Fingerprint(content), response, at); });
  }

  absl::StatusOr<std::optional<std::string>> Lookup(const Key& key, absl::string_view content) {
    absl::StatusOr<std::optional<std::string>> found;
    (void)db_->Read([&](Transaction& tx) {
      found = Find(tx, key, Fingerprint(content));
      return found.status();
    });
    return found;
  }

  Scratch scratch_;
  std::unique_ptr<Database> db_ = OpenOrDie(scratch_.url());
};

TEST_F(RequestLedgerTest, SameRequestGetsItsEarlierAnswer) {
  EXPECT_EQ(*Lookup(kKey, "content"), std::nullopt);
  const std::string response("binary\0answer", 13);
  ASSERT_THAT(Keep(kKey, "content", response), IsOk());
  EXPECT_EQ(*Lookup(kKey, "content"), response);
}

TEST_F(RequestLedgerTest, EmptyAnswerIsAnAnswer) {
  ASSERT_THAT(Keep(kKey, "content", ""), IsOk());
  EXPECT_EQ(*Lookup(kKey, "content"), "");
}

TEST_F(RequestLedgerTest, SameIdWithOtherContentIsRefusedWithoutRepeatingTheId) {
  ASSERT_THAT(Keep(kKey, "content", "answer"), IsOk());
  EXPECT_THAT(Lookup(kKey, "other").status(), StatusIs(absl::StatusCode::kAlreadyExists,
                                                       AllOf(HasSubstr("used before with different content"),
                                                             Not(HasSubstr(kKey.request_id)))));
}

TEST_F(RequestLedgerTest, NetworksAndMethodsAreApart) {
  ASSERT_THAT(Keep(kKey, "content", "answer"), IsOk());
  EXPECT_EQ(*Lookup({"south", kKey.method, kKey.request_id}, "other"), std::nullopt);
  EXPECT_EQ(*Lookup({kKey.network, "Other/Method", kKey.request_id}, "other"), std::nullopt);
}

TEST_F(RequestLedgerTest, RecordIsUndoneWithItsTransaction) {
  EXPECT_FALSE(db_->Write([](Transaction& tx) {
                    EXPECT_THAT(Record(tx, kKey, "f", "answer", kNow), IsOk());
                    return absl::AbortedError("no");
                  })
                   .ok());
  EXPECT_EQ(*Lookup(kKey, "content"), std::nullopt);
}

TEST_F(RequestLedgerTest, PruneForgetsTheOldInBatches) {
  for (int i = 0; i < kPruneBatch + 5; ++i) {
    ASSERT_THAT(db_->Write([&](Transaction& tx) {
      // A few hundred rows a transaction would do as well; one each keeps the code short and is fast enough.
      return Record(tx, {"north", "m", std::to_string(i)}, "f", "answer",
                    kNow - absl::Hours(48) + absl::Seconds(i));
    }),
                IsOk());
  }
  ASSERT_THAT(Keep(kKey, "content", "answer", kNow - absl::Hours(24)), IsOk());
  const auto prune = [&] {
    int64_t removed = -1;
    EXPECT_THAT(db_->Write([&](Transaction& tx) {
      absl::StatusOr<int64_t> result = Prune(tx, kNow - absl::Hours(24));
      if (result.ok()) removed = *result;
      return result.status();
    }),
                IsOk());
    return removed;
  };
  EXPECT_EQ(prune(), kPruneBatch);
  EXPECT_EQ(prune(), 5);
  EXPECT_EQ(prune(), 0);
  EXPECT_EQ(*Lookup(kKey, "content"), "answer");  // Exactly as old as the limit: kept.
}

TEST(FingerprintTest, IsTheSameEverywhere) {
  // The first half of SHA-256("abc"), FIPS 180-4's own example.
  EXPECT_EQ(Fingerprint("abc"), "ba7816bf8f01cfea414140de5dae2223");
  EXPECT_NE(Fingerprint("abc"), Fingerprint(absl::string_view("abc\0", 4)));
  EXPECT_EQ(Fingerprint("").size(), 32u);
}

}  // namespace
}  // namespace rapport::storage::request_ledger
