// Lists: newest first, filtered, in pages whose tokens cannot be forged or carried to another list.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/errors.h"
#include "tests/services/feedback/bench.h"

namespace rapport::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Seven fit checks: clients c0, c1, c2 in turn, therapists t1 and t2 in turn, the last three at one instant.
class ListFeedbackTest : public ::testing::Test {
 protected:
  ListFeedbackTest() {
    for (int i = 0; i < 7; ++i) {
      v1::RecordFitCheckRequest request = GoodFitCheck(absl::StrCat("r", i));
      request.mutable_fit_check()->set_client_id(absl::StrCat("c", i % 3));
      request.mutable_fit_check()->set_therapist_id(absl::StrCat("t", 1 + i % 2));
      request.mutable_fit_check()->set_session_number(i);
      EXPECT_TRUE(bench_.commands().RecordFitCheck(bench_.Call(), request).ok());
      if (i < 4) bench_.clock.Advance(absl::Microseconds(1));
    }
  }

  absl::StatusOr<v1::ListFeedbackResponse> List(const v1::ListFeedbackRequest& request) {
    return bench_.commands().ListFeedback(bench_.Call(), request);
  }

  // The session numbers of all pages, page by page.
  std::vector<std::vector<int>> Pages(v1::ListFeedbackRequest request) {
    std::vector<std::vector<int>> pages;
    do {
      const auto response = List(request);
      EXPECT_TRUE(response.ok()) << response.status();
      if (!response.ok()) return pages;
      pages.emplace_back();
      for (const v1::Feedback& feedback : response->feedback()) {
        pages.back().push_back(feedback.fit_check().session_number());
      }
      request.set_page_token(response->next_page_token());
    } while (!request.page_token().empty());
    return pages;
  }

  Bench bench_;
};

TEST_F(ListFeedbackTest, NewestFirst) {
  EXPECT_THAT(Pages({}), ElementsAre(ElementsAre(6, 5, 4, 3, 2, 1, 0)));
}

TEST_F(ListFeedbackTest, InPages) {
  v1::ListFeedbackRequest request;
  request.set_page_size(2);
  EXPECT_THAT(Pages(request),
              ElementsAre(ElementsAre(6, 5), ElementsAre(4, 3), ElementsAre(2, 1), ElementsAre(0)));
  request.set_page_size(7);
  EXPECT_THAT(Pages(request), ElementsAre(ElementsAre(6, 5, 4, 3, 2, 1, 0)));
}

TEST_F(ListFeedbackTest, OfOneClientOrTherapistOrBoth) {
  v1::ListFeedbackRequest request;
  request.set_page_size(2);
  request.set_client_id("c0");
  EXPECT_THAT(Pages(request), ElementsAre(ElementsAre(6, 3), ElementsAre(0)));
  request.set_therapist_id("t2");
  EXPECT_THAT(Pages(request), ElementsAre(ElementsAre(3)));
  request.clear_client_id();
  EXPECT_THAT(Pages(request), ElementsAre(ElementsAre(5, 3), ElementsAre(1)));
  request.set_client_id("nobody");
  EXPECT_THAT(Pages(request), ElementsAre(IsEmpty()));
}

TEST_F(ListFeedbackTest, WhatComesMeanwhileDoesNotShiftPages) {
  v1::ListFeedbackRequest request;
  request.set_page_size(4);
  request.set_page_token(List(request)->next_page_token());
  bench_.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(bench_.commands().RecordFitCheck(bench_.Call(), GoodFitCheck("r7")).ok());
  EXPECT_THAT(Pages(request), ElementsAre(ElementsAre(2, 1, 0)));
}

TEST_F(ListFeedbackTest, TokensSurviveARestart) {
  v1::ListFeedbackRequest request;
  request.set_page_size(4);
  request.set_page_token(List(request)->next_page_token());
  bench_.Restart();
  EXPECT_THAT(Pages(request), ElementsAre(ElementsAre(2, 1, 0)));
}

TEST_F(ListFeedbackTest, ATokenOpensItsOwnListOnly) {
  v1::ListFeedbackRequest request;
  request.set_page_size(2);
  const std::string token = List(request)->next_page_token();
  const auto expect_refused = [](const absl::StatusOr<v1::ListFeedbackResponse>& response) {
    EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Paths(response.status()), ElementsAre("page_token"));
  };

  std::string forged = token;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {forged, token + "AAAA", token.substr(4), std::string("x"),
                                 std::string("%%%"), std::string(5000, 'A')}) {
    request.set_page_token(bad);
    expect_refused(List(request));
  }
  request.set_page_token(token);
  request.set_client_id("c0");
  expect_refused(List(request));
  request.clear_client_id();
  request.set_therapist_id("t1");
  expect_refused(List(request));
  request.clear_therapist_id();
  runtime::Call elsewhere = bench_.Call();
  elsewhere.identity.network = "network2";
  expect_refused(bench_.commands().ListFeedback(elsewhere, request));
  EXPECT_TRUE(List(request).ok());
}

TEST_F(ListFeedbackTest, TellsEverythingThatIsWrongAtOnce) {
  v1::ListFeedbackRequest request;
  request.set_page_size(501);
  request.set_page_token("x");
  EXPECT_THAT(Paths(List(request).status()), ElementsAre("page_size", "page_token"));
}

}  // namespace
}  // namespace rapport::feedback
