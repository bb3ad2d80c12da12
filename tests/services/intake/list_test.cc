// Lists: order, pages, filters, and tokens that open nothing else.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/runtime/errors.h"
#include "services/storage/database.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

class ListTest : public IntakeTest {
 protected:
  // Ids of all pages, newest first.
  std::vector<std::string> Walk(v1::ListReferralsRequest request) {
    std::vector<std::string> ids;
    do {
      const v1::ListReferralsResponse page = Must(client_.Send(request));
      EXPECT_LE(page.referrals_size(), request.page_size());
      for (const v1::Referral& referral : page.referrals()) ids.push_back(referral.referral_id());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }

  bool TokenIsRefused(const v1::ListReferralsRequest& request, Client& client) {
    const auto items = runtime::ViolationsOf(client.Send(request).status());
    return items.size() == 1 && items[0].field_path == "page_token";
  }
};

TEST_F(ListTest, NewestFirstInPagesOfEverySize) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 7; ++i) {
    newest_first.insert(newest_first.begin(), Must(client_.Create()).referral_id());
    clock_.Advance(absl::Seconds(1));
  }
  for (int size : {1, 2, 3, 6, 7, 8}) {
    v1::ListReferralsRequest request;
    request.set_page_size(size);
    EXPECT_THAT(Walk(request), ElementsAreArray(newest_first));
  }
}

TEST_F(ListTest, ReferralsOfOneInstantComeOnceEach) {
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.insert(Must(client_.Create()).referral_id());
  v1::ListReferralsRequest request;
  request.set_page_size(2);
  EXPECT_THAT(Walk(request), ElementsAreArray(ids.rbegin(), ids.rend()));
}

TEST_F(ListTest, Filters) {
  const std::string mine = Must(client_.Create(PlainNeeds(), "me")).referral_id();
  const v1::Referral ranked = Must(client_.Submit(Must(client_.Create(PlainNeeds(), "me"))));
  Must(client_.Create(PlainNeeds(), "you"));
  v1::ListReferralsRequest request;
  request.set_page_size(1);
  request.set_client_id("me");
  EXPECT_THAT(Walk(request), ::testing::UnorderedElementsAre(mine, ranked.referral_id()));
  request.set_state(v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_THAT(Walk(request), ::testing::ElementsAre(ranked.referral_id()));
  request.set_client_id("nobody");
  EXPECT_THAT(Walk(request), IsEmpty());
}

TEST_F(ListTest, TokensOpenOnlyTheListTheyWereMadeFor) {
  for (int i = 0; i < 3; ++i) Must(client_.Create());
  v1::ListReferralsRequest request;
  request.set_page_size(1);
  const std::string token = Must(client_.Send(request)).next_page_token();
  ASSERT_NE(token, "");
  request.set_page_token(token);
  EXPECT_EQ(Must(client_.Send(request)).referrals_size(), 1);

  Client stranger(*process_, "elsewhere");
  EXPECT_TRUE(TokenIsRefused(request, stranger));
  v1::ListReferralsRequest other_client = request;
  other_client.set_client_id("client-7");
  EXPECT_TRUE(TokenIsRefused(other_client, client_));
  v1::ListReferralsRequest other_state = request;
  other_state.set_state(v1::REFERRAL_STATE_DRAFT);
  EXPECT_TRUE(TokenIsRefused(other_state, client_));
  for (size_t i = 0; i < token.size(); i += 5) {
    v1::ListReferralsRequest forged = request;
    forged.mutable_page_token()->at(i) = token[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(TokenIsRefused(forged, client_));
  }
  Restart();
  EXPECT_EQ(Must(client_.Send(request)).referrals_size(), 1) << "tokens outlive a restart";
}

TEST_F(ListTest, APageNeverOutgrowsAMessage) {
  matcher::v1::Needs needs = PlainNeeds();
  for (int i = 0; i < 256; ++i) needs.add_excluded_therapist_ids(absl::StrCat(std::string(124, 'x'), i));
  constexpr int kReferrals = 120;  // 120 × 33 kB are more than one message may have
  for (int i = 0; i < kReferrals; ++i) Must(client_.Create(needs));
  v1::ListReferralsRequest request;
  request.set_page_size(500);
  const v1::ListReferralsResponse page = Must(client_.Send(request));
  EXPECT_LE(page.ByteSizeLong(), kMaxPageBytes + (1 << 16));
  EXPECT_NE(page.next_page_token(), "");
  EXPECT_EQ(Walk(request).size(), static_cast<size_t>(kReferrals));
}

}  // namespace
}  // namespace rapport::intake
