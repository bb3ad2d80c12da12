// Reading, removing and confirming profiles.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/runtime/errors.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using directory::v1::ConfirmAvailabilityRequest;
using directory::v1::ConfirmAvailabilityResponse;
using directory::v1::DeleteTherapistRequest;
using directory::v1::GetTherapistRequest;
using directory::v1::ListTherapistsRequest;
using directory::v1::ListTherapistsResponse;
using ::testing::ElementsAre;
using testing::Must;
using testing::Paths;
using testing::Refused;
using testing::ValidTherapist;

class DirectoryTest : public MatcherTest {
 protected:
  static GetTherapistRequest Get(const std::string& id) {
    GetTherapistRequest request;
    request.set_therapist_id(id);
    return request;
  }
  static DeleteTherapistRequest Delete(const std::string& request_id, const std::string& etag = "") {
    DeleteTherapistRequest request;
    request.set_request_id(request_id);
    request.set_therapist_id("t1");
    request.set_etag(etag);
    return request;
  }
  static ConfirmAvailabilityRequest Confirm(const std::string& request_id, const std::string& etag = "") {
    ConfirmAvailabilityRequest request;
    request.set_request_id(request_id);
    request.set_therapist_id("t1");
    request.set_etag(etag);
    return request;
  }
  // All ids, page by page.
  std::vector<std::string> ListAll(int page_size) {
    std::vector<std::string> ids;
    ListTherapistsRequest request;
    request.set_page_size(page_size);
    do {
      const ListTherapistsResponse page = Must(client_.Send(request));
      for (const therapist::v1::Therapist& therapist : page.therapists())
        ids.push_back(therapist.therapist_id());
      EXPECT_LE(page.therapists_size(), page_size == 0 ? 50 : page_size);
      EXPECT_TRUE(page.next_page_token().empty() || page.therapists_size() > 0);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && !HasFailure());
    return ids;
  }
};

TEST_F(DirectoryTest, GetGivesTheProfileWithEtagAndFreeSeats) {
  client_.Upsert({ValidTherapist("t1")});
  therapist::v1::Therapist found = client_.Get("t1");
  EXPECT_NE(found.etag(), "");
  EXPECT_EQ(found.seats_free(), 3);
  found.clear_etag();
  found.clear_seats_free();
  EXPECT_THAT(found, SameMessage(ValidTherapist("t1")));
  EXPECT_THAT(client_.Send(Get("t2")), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
}

TEST_F(DirectoryTest, ListsEverybodyOnceInOrderWhateverThePageSize) {
  std::vector<therapist::v1::Therapist> therapists;
  std::vector<std::string> ids;
  for (int i = 0; i < 1'200; ++i) {
    therapists.push_back(ValidTherapist(absl::StrFormat("t%04d", (i * 7) % 1'200)));
    ids.push_back(absl::StrFormat("t%04d", i));
  }
  client_.Upsert(therapists);
  for (const int page_size : {0, 1'200 / 3, 499, 500, 77}) EXPECT_EQ(ListAll(page_size), ids) << page_size;
}

TEST_F(DirectoryTest, AnEmptyDirectoryIsAnEmptyPage) {
  const ListTherapistsResponse page = Must(client_.Send(ListTherapistsRequest()));
  EXPECT_EQ(page.therapists_size(), 0);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(DirectoryTest, WhoComesAndGoesBetweenPagesDisturbsNobodyElse) {
  client_.Upsert({ValidTherapist("a"), ValidTherapist("t1"), ValidTherapist("z")});
  ListTherapistsRequest request;
  request.set_page_size(2);
  request.set_page_token(Must(client_.Send(request)).next_page_token());
  Must(client_.Send(Delete("r1")));  // the one whom the token names
  client_.Upsert({ValidTherapist("b"), ValidTherapist("y")});
  const ListTherapistsResponse page = Must(client_.Send(request));
  ASSERT_EQ(page.therapists_size(), 2);
  EXPECT_EQ(page.therapists(0).therapist_id(), "y");
  EXPECT_EQ(page.therapists(1).therapist_id(), "z");
}

// Pages are read from an order that is kept: it must follow whoever comes, leaves and comes back.
TEST_F(DirectoryTest, AListIsOfWhoIsThereNow) {
  client_.Upsert({ValidTherapist("t1"), ValidTherapist("z"), ValidTherapist("a")});
  EXPECT_EQ(ListAll(2), (std::vector<std::string>{"a", "t1", "z"}));
  Must(client_.Send(Delete("r1")));
  EXPECT_EQ(ListAll(2), (std::vector<std::string>{"a", "z"}));
  client_.Upsert({ValidTherapist("c")});
  EXPECT_EQ(ListAll(2), (std::vector<std::string>{"a", "c", "z"}));
  client_.Upsert({ValidTherapist("t1")});
  EXPECT_EQ(ListAll(1), (std::vector<std::string>{"a", "c", "t1", "z"}));
  Restart();
  EXPECT_EQ(ListAll(3), (std::vector<std::string>{"a", "c", "t1", "z"}));
}

// A clock that once ran ahead must not keep a therapist as they were until then.
TEST_F(DirectoryTest, AConfirmationOfAClockThatRanAheadHoldsNobodyBack) {
  clock_.Advance(absl::Hours(24 * 30));
  client_.Upsert({ValidTherapist("t1")});
  Must(client_.Send(Confirm("r1")));
  clock_.Advance(-absl::Hours(24 * 30));
  therapist::v1::Therapist profile = ValidTherapist("t1");
  const absl::Time stated = clock_.Now() - absl::Hours(24);
  *profile.mutable_last_confirmed() = contract::ToTimestamp(stated);
  profile.set_seats(7);
  client_.Upsert({profile});
  const therapist::v1::Therapist held = Must(client_.Send(Get("t1"))).therapist();
  EXPECT_EQ(held.seats(), 7);
  EXPECT_EQ(contract::ToTime(held.last_confirmed()), stated);
}

TEST_F(DirectoryTest, ARowThatNamesItsFieldsDoesNotAnswerForAClockThatRanAhead) {
  for (const absl::Duration ahead : {absl::Minutes(2), absl::Hours(24 * 30)}) {
    clock_.Advance(ahead);
    client_.Upsert({ValidTherapist("t1")});
    Must(client_.Send(Confirm(absl::StrCat("r", absl::ToInt64Seconds(ahead)))));
    clock_.Advance(-ahead);
    directory::v1::UpsertTherapistsRequest row;
    row.mutable_therapist()->set_therapist_id("t1");
    row.mutable_therapist()->set_seats(7);
    row.mutable_update_mask()->add_paths("seats");
    const auto verdicts = Must(client_.Send(std::vector{row}));
    ASSERT_EQ(verdicts.rows_size(), 1);
    EXPECT_EQ(verdicts.rows(0).verdict(), directory::v1::UPSERT_VERDICT_CHANGED) << ahead;
    const therapist::v1::Therapist held = Must(client_.Send(Get("t1"))).therapist();
    EXPECT_EQ(held.seats(), 7) << ahead;
    EXPECT_LE(contract::ToTime(held.last_confirmed()), clock_.Now() + absl::Minutes(2)) << ahead;
  }
}

TEST_F(DirectoryTest, PagesOfTheLargestProfilesFitIntoMessages) {
  const auto catalog = Must(client_.Send(directory::v1::GetCatalogRequest())).catalog();
  therapist::v1::Therapist large = ValidTherapist("t");
  large.set_display_name(std::string(200, 'x'));
  for (int i = 1; i < 64; ++i) {
    *large.add_credentials() = large.credentials(0);
    large.mutable_credentials(i)->set_code(absl::StrFormat("%064d", i));
  }
  large.clear_payers();
  for (const auto& payer : catalog.payers()) large.add_payers(payer.id());
  large.clear_tags();
  for (const auto& tag : catalog.tags()) large.add_tags(tag.id());
  std::vector<therapist::v1::Therapist> therapists(500, large);
  for (int i = 0; i < 500; ++i) therapists[i].set_therapist_id(absl::StrFormat("t%0120d", i));
  ASSERT_GT(500 * large.ByteSizeLong(), std::size_t{4} << 20) << "the page would fit as it is";
  client_.Upsert(therapists);
  const std::vector<std::string> ids = ListAll(500);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 500u);
  EXPECT_EQ(ids.size(), 500u);
}

TEST_F(DirectoryTest, PageTokensCannotBeMadeNorMoved) {
  client_.Upsert({ValidTherapist("t1"), ValidTherapist("t2"), ValidTherapist("t3")});
  ListTherapistsRequest request;
  request.set_page_size(1);
  request.set_page_token(Must(client_.Send(request)).next_page_token());

  Client other(*process_, "other");
  EXPECT_THAT(other.Send(request), Refused(absl::StatusCode::kInvalidArgument, runtime::kInvalidRequest));
  ListTherapistsRequest forged = request;
  forged.mutable_page_token()->back() ^= 1;
  EXPECT_THAT(Paths(client_.Send(forged).status()), ElementsAre("page_token"));
  forged.set_page_token("t2");
  forged.set_page_size(501);
  EXPECT_THAT(Paths(client_.Send(forged).status()), ElementsAre("page_size", "page_token"));

  Restart();  // the key is kept
  EXPECT_EQ(Must(client_.Send(request)).therapists(0).therapist_id(), "t2");
}

TEST_F(DirectoryTest, DeleteRemovesTheProfileOnce) {
  client_.Upsert({ValidTherapist("t1")});
  const auto deleted = Must(client_.Send(Delete("r1")));
  EXPECT_EQ(deleted.position(), 2);
  EXPECT_THAT(client_.Send(Get("t1")), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
  EXPECT_EQ(runtime::MetadataOf(client_.Send(Get("t1")).status(), "left"), "true");
  EXPECT_EQ(runtime::MetadataOf(client_.Send(Get("t9")).status(), "left"), "") << "never was there";
  EXPECT_THAT(Must(client_.Send(Delete("r1"))), SameMessage(deleted));
  EXPECT_THAT(client_.Send(Delete("r2")), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
  EXPECT_EQ(client_.Position(), 2);
}

TEST_F(DirectoryTest, WhoReturnsIsAddedAnewWithAnotherEtag) {
  client_.Upsert({ValidTherapist("t1")});
  const std::string etag = client_.Get("t1").etag();
  Must(client_.Send(Delete("r1")));
  EXPECT_EQ(Must(client_.Send({Row(ValidTherapist("t1"))})).added(), 1);
  EXPECT_NE(client_.Get("t1").etag(), etag);
}

TEST_F(DirectoryTest, AnOldEtagIsAborted) {
  client_.Upsert({ValidTherapist("t1")});
  const std::string old = client_.Get("t1").etag();
  const ConfirmAvailabilityResponse confirmed = Must(client_.Send(Confirm("r1", old)));
  EXPECT_NE(confirmed.therapist().etag(), old);
  EXPECT_THAT(client_.Send(Confirm("r2", old)), Refused(absl::StatusCode::kAborted, kEtagMismatch));
  EXPECT_THAT(client_.Send(Delete("r3", old)), Refused(absl::StatusCode::kAborted, kEtagMismatch));
  EXPECT_EQ(client_.Position(), 2);
  Must(client_.Send(Delete("r4", confirmed.therapist().etag())));
}

// A feed that has not heard of a confirmation sends the old row again every night.
TEST_F(DirectoryTest, ARowOfBeforeTheLastConfirmationOpensNoSeats) {
  const therapist::v1::Therapist row = ValidTherapist("t1");
  client_.Upsert({row});
  clock_.Advance(absl::Hours(24));
  ConfirmAvailabilityRequest full = Confirm("r1");
  full.set_seats(0);
  full.set_wait_weeks(20);
  const ConfirmAvailabilityResponse confirmed = Must(client_.Send(full));
  client_.Upsert({row});
  EXPECT_THAT(client_.Get("t1"), SameMessage(confirmed.therapist())) << "the same row twice changes nothing";

  therapist::v1::Therapist renamed = row;
  renamed.set_display_name("Another Name");
  client_.Upsert({renamed});
  EXPECT_EQ(client_.Get("t1").display_name(), "Another Name");
  EXPECT_EQ(client_.Get("t1").seats(), 0);
  EXPECT_EQ(client_.Get("t1").wait_weeks(), 20);

  *renamed.mutable_last_confirmed() = contract::ToTimestamp(clock_.Now());
  client_.Upsert({renamed});
  EXPECT_EQ(client_.Get("t1").seats(), row.seats()) << "as new as what is held";
}

TEST_F(DirectoryTest, NorDoesItAfterADeletion) {
  const therapist::v1::Therapist row = ValidTherapist("t1");
  client_.Upsert({row});
  clock_.Advance(absl::Hours(24));
  ConfirmAvailabilityRequest full = Confirm("r1");
  full.set_seats(0);
  const ConfirmAvailabilityResponse confirmed = Must(client_.Send(full));
  Must(client_.Send(Delete("r2")));
  EXPECT_EQ(Must(client_.Send({Row(row)})).added(), 1);
  EXPECT_EQ(client_.Get("t1").seats(), 0);
  EXPECT_THAT(client_.Get("t1").last_confirmed(), SameMessage(confirmed.therapist().last_confirmed()));
}

TEST_F(DirectoryTest, ConfirmShowsTheProfileAsItNowIs) {
  client_.Upsert({ValidTherapist("t1")});
  clock_.Advance(absl::Hours(5));
  ConfirmAvailabilityRequest request = Confirm("r1");
  request.set_seats(7);
  request.set_wait_weeks(0);
  const ConfirmAvailabilityResponse response = Must(client_.Send(request));
  EXPECT_EQ(response.position(), 2);
  EXPECT_EQ(response.therapist().seats(), 7);
  EXPECT_EQ(response.therapist().seats_free(), 7);
  EXPECT_EQ(response.therapist().wait_weeks(), 0);
  EXPECT_EQ(response.therapist().last_confirmed().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_THAT(client_.Get("t1"), SameMessage(response.therapist()));

  const ConfirmAvailabilityResponse as_before = Must(client_.Send(Confirm("r2")));
  EXPECT_EQ(as_before.therapist().seats(), 7);
  EXPECT_THAT(client_.Send([] {
    ConfirmAvailabilityRequest unknown = Confirm("r3");
    unknown.set_therapist_id("t9");
    return unknown;
  }()),
              Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
}

TEST_F(DirectoryTest, SeatsMayFallBelowThoseTaken) {
  client_.Upsert({ValidTherapist("t1")});
  Must(client_.Send(Reservation("r1")));
  ConfirmAvailabilityRequest request = Confirm("r2");
  request.set_seats(0);
  EXPECT_EQ(Must(client_.Send(request)).therapist().seats_free(), 0);
}

TEST_F(DirectoryTest, TheSameRequestHasTheSameAnswerAndOneEffect) {
  client_.Upsert({ValidTherapist("t1")});
  ConfirmAvailabilityRequest request = Confirm("r1");
  request.set_seats(2);
  const ConfirmAvailabilityResponse first = Must(client_.Send(request));
  clock_.Advance(absl::Hours(1));
  Must(client_.Send(Confirm("r2")));
  EXPECT_THAT(Must(client_.Send(request)), SameMessage(first));
  EXPECT_EQ(client_.Position(), 3);

  request.set_seats(3);
  EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kAlreadyExists, kRequestIdReused));
  EXPECT_THAT(Client(*process_, "other").Send(request),
              Refused(absl::StatusCode::kNotFound, kUnknownTherapist))
      << "ids belong to a network";
  Must(client_.Send(Delete("r1")));  // and to a method
}

TEST_F(DirectoryTest, ARefusedRequestMayBeSentAgain) {
  EXPECT_THAT(client_.Send(Confirm("r1")), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
  client_.Upsert({ValidTherapist("t1")});
  EXPECT_EQ(Must(client_.Send(Confirm("r1"))).position(), 2);
}

TEST_F(DirectoryTest, ShowsTheCatalogInForce) {
  const auto catalog = Must(client_.Send(directory::v1::GetCatalogRequest())).catalog();
  EXPECT_EQ(catalog.version(), Must(client_.Send(RankRequest())).state().catalog_version());
  EXPECT_GT(catalog.concerns_size(), 30);
}

}  // namespace
}  // namespace rapport::matcher_service
