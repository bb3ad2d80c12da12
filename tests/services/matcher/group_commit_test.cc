// Writers that meet share a commit: each still gets the answer to its own request, and its own place in the
// log.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using testing::Must;
using testing::Refused;
using testing::ValidTherapist;

using GroupCommitTest = MatcherTest;

constexpr int kThreads = 16;
constexpr int kRounds = 12;

TEST_F(GroupCommitTest, EveryWriterGetsItsOwnAnswerAndPosition) {
  std::vector<therapist::v1::Therapist> therapists;
  for (int i = 0; i < kThreads; ++i) therapists.push_back(ValidTherapist(absl::StrCat("t", i)));
  const std::int64_t base = client_.Upsert(therapists);
  // A therapist of each thread, and one whom all write about.
  std::vector<std::vector<std::int64_t>> positions(kThreads);
  const auto work = [&](int thread) {
    const std::string own = absl::StrCat("t", thread);
    const auto written = [&](std::int64_t position) {
      positions[thread].push_back(position);
      // Whoever has an answer can read what it wrote.
      matcher::v1::RankTherapistsRequest rank = RankRequest();
      rank.set_min_as_of(position);
      EXPECT_GE(Must(client_.Send(rank)).state().as_of(), position);
    };
    for (int round = 0; round < kRounds; ++round) {
      const std::string id = absl::StrCat("w", thread, "-", round);
      directory::v1::ReserveSlotRequest reserve = Reservation(id, absl::StrCat("client-", thread));
      reserve.set_therapist_id(own);
      const auto reserved = Must(client_.Send(reserve));
      EXPECT_EQ(reserved.reservation().therapist_id(), own);
      written(reserved.position());

      directory::v1::ConfirmAvailabilityRequest confirm;
      confirm.set_request_id(id);
      confirm.set_therapist_id(own);
      confirm.set_wait_weeks(round);
      const auto confirmed = Must(client_.Send(confirm));
      EXPECT_EQ(confirmed.therapist().therapist_id(), own);
      EXPECT_EQ(confirmed.therapist().wait_weeks(), round);
      EXPECT_EQ(confirmed.therapist().seats_free(), 2);
      written(confirmed.position());

      // Refusals in between harm nobody.
      confirm.set_request_id(id + "-bad");
      confirm.set_etag("no such etag");
      EXPECT_THAT(client_.Send(confirm), Refused(absl::StatusCode::kAborted, kEtagMismatch));

      directory::v1::ReleaseSlotRequest release;
      release.set_request_id(id);
      release.set_reservation_id(reserved.reservation().reservation_id());
      written(Must(client_.Send(release)).position());

      written(Must(client_.Send(FitCheck(id, absl::StrCat("client-", thread)))).position());
      EXPECT_TRUE(Must(client_.Send(FitCheck(id, absl::StrCat("client-", thread)))).already_recorded());
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();

  std::vector<std::int64_t> all;
  for (const auto& own : positions) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kThreads * kRounds * 4));
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], base + 1 + static_cast<std::int64_t>(i));
  EXPECT_EQ(client_.Position(), all.back());

  const auto before = Must(client_.Send(RankRequest("client-3")));
  Restart();
  EXPECT_THAT(Must(client_.Send(RankRequest("client-3"))), SameMessage(before));
}

TEST_F(GroupCommitTest, StreamsAndNetworksRunBesideEachOther) {
  constexpr int kStreams = 8;
  std::vector<std::int64_t> added(kStreams);
  std::vector<std::thread> threads;
  for (int stream = 0; stream < kStreams; ++stream) {
    threads.emplace_back([&, stream] {
      Client client(*process_, stream % 2 == 0 ? "even" : "odd");
      std::vector<directory::v1::UpsertTherapistsRequest> rows;
      for (int i = 0; i < 300; ++i) rows.push_back(Row(ValidTherapist(absl::StrCat("t", stream, "-", i))));
      for (int i = 0; i < 300; ++i) rows.push_back(Row(ValidTherapist(absl::StrCat("of-all-", i))));
      added[stream] = Must(client.Send(rows)).added();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int parity : {0, 1}) {
    std::int64_t sum = 0;
    for (int stream = parity; stream < kStreams; stream += 2) sum += added[stream];
    EXPECT_EQ(sum, 4 * 300 + 300);
    EXPECT_EQ(Client(*process_, parity == 0 ? "even" : "odd").Position(), sum);
  }
}

}  // namespace
}  // namespace rapport::matcher_service
